// What a pixel's ray hits of a triangle. 1 / depth is linear in the picture, and its slope is the triangle's plane.

flat in int which;
#ifdef SOFT
flat in int triangle;
#endif
#ifdef COLOUR
in vec3 own;
flat in vec4 tint, cloth;
#ifdef BOXES
flat in vec3 size;
#else
in vec3 smooth_normal, own_normal;
in vec2 own_uv;
#endif
#endif

struct Hit { float depth; vec3 normal; };

Hit hit() {
    float near = gl_FragCoord.w;
    vec2 slope = vec2(dFdx(near), dFdy(near));
    vec2 from_centre = gl_FragCoord.xy - 0.5 * picture.xy;
    vec3 plane = vec3(picture.zw * slope, near - dot(from_centre, slope));
    return Hit(1.0 / near, -normalize(plane));
}

#ifdef COLOUR
#ifdef BOXES
vec3 thing_normal() {
    vec3 reach = abs(own) / size;
    return vec3(equal(reach, vec3(max(max(reach.x, reach.y), reach.z))));
}

vec3 lit_normal(Hit here) { return here.normal; }
#else
vec3 thing_normal() { return own_normal; }

vec3 lit_normal(Hit here) {
    vec3 normal = normalize(smooth_normal);
#ifdef SOFT
    return dot(normal, here.normal) < 0.0 ? -normal : normal;
#else
    return gl_FrontFacing ? normal : -normal;
#endif
}
#endif
#endif
