// Vertices of soft bodies: three for every triangle, by number.

uniform samplerBuffer corners;     // a row: which thing, which triangle, which vertex, and how far along its normal [m]
uniform samplerBuffer vertices; // two rows a vertex: its place, its normal

flat out int which;
flat out int triangle;
#ifdef COLOUR
out vec3 smooth_normal, own;
out vec2 own_uv;
out vec3 own_normal;
flat out vec4 tint, cloth;
#endif

void main() {
    vec4 corner = texelFetch(corners, gl_VertexID);
    int drawn = int(corner.x), at = 2 * int(corner.z);
    vec4 x = texelFetch(poses, 3 * drawn), y = texelFetch(poses, 3 * drawn + 1), z = texelFetch(poses, 3 * drawn + 2);
    vec3 normal = texelFetch(vertices, at + 1).xyz;
    vec3 vertex = texelFetch(vertices, at).xyz + corner.w * normal;
    vec4 p = vec4(vertex, 1.0);
    gl_Position = seen_at(vec3(dot(x, p), dot(y, p), dot(z, p)));
    which = told(texelFetch(looks, LOOKS * drawn + 3));
    triangle = int(corner.y);
#ifdef COLOUR
    smooth_normal = sign(corner.w) * vec3(dot(x.xyz, normal), dot(y.xyz, normal), dot(z.xyz, normal));
    own = vertex;
    own_normal = normal;
    own_uv = vec2(0.0);
    tint = texelFetch(looks, LOOKS * drawn + 1);
    cloth = texelFetch(looks, LOOKS * drawn + 2);
#endif
}
