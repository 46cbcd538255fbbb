// What can be seen through: laid over what is behind it, the denser the more it is seen from the side.

layout(location = 0) out vec4 color;
uniform float nearest;

void main() {
    Hit here = hit();
#ifdef ROUND
    gl_FragDepth = nearest / here.depth;
#endif
    vec3 p = vec3((gl_FragCoord.xy - 0.5 * picture.xy) / picture.zw, 1.0) * here.depth;
    vec3 normal = lit_normal(here);
    vec4 own = colour_of(here);
    float grazing = pow(1.0 - max(dot(normal, -normalize(p)), 0.0), 3.0);
    vec3 light = shaded(Point(p, here.normal, normal, -normalize(p), 0.0), own.rgb, which, 1.0);
    color = vec4(srgb(exposed(light)), mix(own.a, 1.0, 0.7 * grazing));
}
