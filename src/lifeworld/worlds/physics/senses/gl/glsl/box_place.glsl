// Boxes: eight corners a thing, known by their number.

flat out int which;
#ifdef COLOUR
flat out vec3 size;
out vec3 own;
flat out vec4 tint, cloth;
#endif

void main() {
    int drawn = gl_VertexID >> 3, corner = gl_VertexID & 7;
    vec4 x = texelFetch(poses, 3 * drawn), y = texelFetch(poses, 3 * drawn + 1), z = texelFetch(poses, 3 * drawn + 2);
    vec3 half_size = texelFetch(looks, LOOKS * drawn).xyz;
    vec4 p = vec4((vec3(corner & 1, (corner >> 1) & 1, corner >> 2) * 2.0 - 1.0) * half_size, 1.0);
    gl_Position = seen_at(vec3(dot(x, p), dot(y, p), dot(z, p)));
    which = told(texelFetch(looks, LOOKS * drawn + 3));
#ifdef COLOUR
    size = half_size;
    own = p.xyz;
    tint = texelFetch(looks, LOOKS * drawn + 1);
    cloth = texelFetch(looks, LOOKS * drawn + 2);
#endif
}
