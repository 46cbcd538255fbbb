// Who would be seen here if they stood alone: a bit for each, or-ed together. A layer has 32 bits.

layout(location = 0) out vec4 bits[LAYERS];
uniform int first;  // the instance of the first bit

void main() {
#if defined(ROUND) || defined(PLANES)
    hit();  // it leaves where the ray misses
#endif
    int bit = which - first, layer = bit >> 5, channel = (bit >> 3) & 3;
    vec4 set = vec4(equal(ivec4(channel), ivec4(0, 1, 2, 3))) * (float(1 << (bit & 7)) / 255.0);
    for (int i = 0; i < LAYERS; ++i) bits[i] = bit >= 0 && i == layer ? set : vec4(0.0);
}
