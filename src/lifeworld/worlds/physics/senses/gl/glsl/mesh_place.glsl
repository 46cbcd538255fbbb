// Vertices of meshes, in the mesh's own frame.

layout(location = 0) in vec3 vertex;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec2 uv;
layout(location = 3) in vec4 x;  // frame_from_thing; once a thing, as all that follows
layout(location = 4) in vec4 y;
layout(location = 5) in vec4 z;
layout(location = 6) in vec4 tinted;
layout(location = 7) in vec4 clothed;
layout(location = 8) in vec4 names;

flat out int which;
#ifdef COLOUR
out vec3 smooth_normal, own;
out vec2 own_uv;
out vec3 own_normal;
flat out vec4 tint, cloth;
#endif

void main() {
    vec4 p = vec4(vertex, 1.0);
    gl_Position = seen_at(vec3(dot(x, p), dot(y, p), dot(z, p)));
    which = told(names);
#ifdef COLOUR
    smooth_normal = vec3(dot(x.xyz, normal), dot(y.xyz, normal), dot(z.xyz, normal));
    own = vertex;
    own_normal = normal;
    own_uv = uv;
    tint = tinted;
    cloth = clothed;
#endif
}
