// Boxes around balls, cylinders and capsules: eight corners a thing, known by their number. What the ray hits in it is solved later.

flat out int which;
flat out vec4 x_row, y_row, z_row, shape;  // frame_from_thing; size [m] and type
flat out vec3 eye;                         // the camera in the thing's frame, or the way towards a far light
out vec3 behind;                           // a point of the box, in the thing's frame
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
#ifdef PARALLEL
    eye = -z_row.xyz;
#else
    vec3 from = vec3(x_row.w, y_row.w, z_row.w);
    eye = -vec3(dot(vec3(x_row.x, y_row.x, z_row.x), from), dot(vec3(x_row.y, y_row.y, z_row.y), from), dot(vec3(x_row.z, y_row.z, z_row.z), from));
#endif
    vec3 reach = shape.w == SPHERE ? shape.xxx : (shape.w == CYLINDER ? shape.xxy : (shape.w == CAPSULE ? vec3(shape.xx, shape.x + shape.y) : shape.xyz));
    reach *= 1.0001;  // a box that only just touches would shave off what the two round differently
    behind = (vec3(corner & 1, (corner >> 1) & 1, corner >> 2) * 2.0 - 1.0) * reach;
    vec4 p = vec4(behind, 1.0);
    gl_Position = seen_at(vec3(dot(x_row, p), dot(y_row, p), dot(z_row, p)));
#ifdef COLOUR
    tint = texelFetch(looks, LOOKS * drawn + 1);
    cloth = texelFetch(looks, LOOKS * drawn + 2);
#endif
}
