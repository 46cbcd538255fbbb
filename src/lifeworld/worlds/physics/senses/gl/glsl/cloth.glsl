// The colour of a point: its tint, times its picture, laid on along the nearest axis of the thing by the metre, or by the mesh's own uv.

#ifdef PLAIN
vec4 colour_of(Hit here) { return tint; }
#else
uniform sampler2DArray pictures;

vec4 colour_of(Hit here) {
    float texels = float(textureSize(pictures, 0).x);
    vec2 uv;
    float fine;
#ifdef MESHED
    if (cloth.w > 0.0) {
        uv = own_uv;
        vec2 across = dFdx(uv) * texels, down = dFdy(uv) * texels;
        fine = 0.5 * log2(max(max(dot(across, across), dot(down, down)), 1e-8));
        return tint * textureLod(pictures, vec3(uv, cloth.z), fine);
    }
#endif
    vec3 axis = abs(thing_normal());
    uv = axis.z >= axis.x && axis.z >= axis.y ? own.xy : (axis.x > axis.y ? own.yz : own.xz);
    float slant = max(-dot(here.normal, normalize(vec3((gl_FragCoord.xy - 0.5 * picture.xy) / picture.zw, 1.0))), 0.02);
    fine = log2(max(texels * max(cloth.x, cloth.y) * here.depth / (picture.z * sqrt(slant)), 1e-8));
    return tint * textureLod(pictures, vec3(uv * cloth.xy, cloth.z), fine);
}
#endif
