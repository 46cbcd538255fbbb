// The colour of every pixel, from what it hits.

layout(location = 0) out vec4 color;
uniform sampler2D facing, base, rounded, openness;
uniform isampler2D named;

void main() {
    ivec2 at = ivec2(gl_FragCoord.xy);
    vec3 ray = vec3((gl_FragCoord.xy - 0.5 * picture.xy) / picture.zw, 1.0);
    int surface = texelFetch(named, at, 0).x;
    if (surface < 0) {
        color = vec4(sky(normalize(ray)), 1.0);
        return;
    }
    vec4 here = texelFetch(facing, at, 0);
    vec3 p = ray * here.w;
    float open = 1.0;
#ifdef OPENNESS
    open = open_at(at, here);
#endif
    Point point = Point(p, here.xyz, texelFetch(rounded, at, 0).xyz, -normalize(p), 0.0);
    vec3 light = shaded(point, texelFetch(base, at, 0).rgb, surface, open);
    color = vec4(srgb(exposed(hazed(light, p))), 1.0);
}
