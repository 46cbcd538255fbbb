// Planes: one triangle around the whole picture. A plane's 1 / depth is linear in the picture, so three corners say it to infinity:
// what is beyond the horizon has less than none, and is clipped.

uniform vec4 picture;

flat out int which;
flat out vec4 x_row, y_row, z_row, shape;
#ifdef COLOUR
flat out vec4 tint, cloth;
#endif

void main() {
    int drawn = gl_VertexID >> 3, corner = gl_VertexID & 7;
    x_row = texelFetch(poses, 3 * drawn);
    y_row = texelFetch(poses, 3 * drawn + 1);
    z_row = texelFetch(poses, 3 * drawn + 2);
    shape = texelFetch(looks, LOOKS * drawn);
    which = told(texelFetch(looks, LOOKS * drawn + 3));
    vec2 at = vec2(corner == 1 ? -3.0 : 1.0, corner == 2 ? -3.0 : 1.0);
    vec3 up = vec3(x_row.z, y_row.z, z_row.z);
    float height = dot(up, vec3(x_row.w, y_row.w, z_row.w));
    float depth = height < 0.0 ? lens.z * dot(up, vec3(at / lens.xy, 1.0)) / height : -1.0;  // from below it is not there
    gl_Position = vec4(at, depth, 1.0);
#ifdef COLOUR
    tint = texelFetch(looks, LOOKS * drawn + 1);
    cloth = texelFetch(looks, LOOKS * drawn + 2);
#endif
}
