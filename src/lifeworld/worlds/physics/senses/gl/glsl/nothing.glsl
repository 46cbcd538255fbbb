// Depth alone, for shadows.

uniform vec4 lens;

void main() {
#ifdef ROUND
    float depth = hit().depth;
#ifdef PARALLEL
    gl_FragDepth = (lens.w - depth) / (lens.w - lens.z);
#else
    gl_FragDepth = lens.z / depth;
#endif
#endif
}
