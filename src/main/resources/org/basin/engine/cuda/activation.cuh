// Activations phi with their first and second derivatives; one value at a time.
//
//   RELU      max(0, z)      z > 0                 0
//   TANH      tanh z         1 - a^2               -2 a (1 - a^2)
//   GELU      z Phi(z)       Phi(z) + z n(z)       (2 - z^2) n(z)
//   IDENTITY  z              1                     0
//
// with a = phi(z), Phi and n the standard normal's distribution and density (Hendrycks and Gimpel 2016).
// The numbers are those of org.basin.engine.cuda.KernelCodes.

#define RELU 0
#define TANH 1
#define GELU 2
#define IDENTITY 3

static __device__ __forceinline__ float normal_distribution(float z) {
  return 0.5f * erfcf(-0.70710678f * z); // erfc keeps the digits of the left tail
}

static __device__ __forceinline__ float normal_density(float z) {
  return 0.39894228f * expf(-0.5f * z * z);
}

static __device__ __forceinline__ float activation(int kind, float z) {
  switch (kind) {
    case RELU: return z <= 0.0f ? 0.0f : z; // a NaN stays one
    case TANH: return tanhf(z);
    case GELU: return z * normal_distribution(z);
    default: return z;
  }
}

// a = phi(z); z itself is read for GELU alone, so the others need not keep it.
static __device__ __forceinline__ float activation_slope(int kind, float a, float z) {
  switch (kind) {
    case RELU: return a > 0.0f ? 1.0f : 0.0f;
    case TANH: return 1.0f - a * a;
    case GELU: return normal_distribution(z) + z * normal_density(z);
    default: return 1.0f;
  }
}

static __device__ __forceinline__ float activation_bend(int kind, float a, float z) {
  switch (kind) {
    case TANH: return -2.0f * a * (1.0f - a * a);
    case GELU: return 2.0f * normal_density(z) - z * (z * normal_density(z)); // z^2 may be infinite
    default: return 0.0f;
  }
}
