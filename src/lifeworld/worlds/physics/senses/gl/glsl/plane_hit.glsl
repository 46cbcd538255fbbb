// What a pixel's ray hits of a plane.

flat in int which;
flat in vec4 x_row, y_row, z_row, shape;
#ifdef COLOUR
flat in vec4 tint, cloth;
#endif

struct Hit { float depth; vec3 normal; };

vec3 own;

Hit hit() {
    vec3 up = vec3(x_row.z, y_row.z, z_row.z), origin = vec3(x_row.w, y_row.w, z_row.w);
    vec3 ray = vec3((gl_FragCoord.xy - 0.5 * picture.xy) / picture.zw, 1.0);
    float depth = dot(up, origin) / dot(up, ray);
    vec3 p = ray * depth - origin;
    own = vec3(dot(vec3(x_row.x, y_row.x, z_row.x), p), dot(vec3(x_row.y, y_row.y, z_row.y), p), 0.0);
    if ((shape.x > 0.0 && abs(own.x) > shape.x) || (shape.y > 0.0 && abs(own.y) > shape.y)) discard;
    return Hit(depth, up);
}

#ifdef COLOUR
vec3 thing_normal() { return vec3(0.0, 0.0, 1.0); }
vec3 lit_normal(Hit here) { return here.normal; }
#endif
