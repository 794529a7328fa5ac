// CUDA C++ for g++: the words that a kernel may use, so that its source compiles for the CPU unchanged. It is
// put before the source, and includes no standard header, as NVRTC has none.
//
// __shared__ is thread_local: the threads of a block are fibers of one thread of the system. Dynamic shared
// memory may have any name (extern __shared__ float shared[];); all such names are the same memory.
//
// Stricter than a GPU: a shuffle from a lane that is not in the mask, or that has returned, gives NaN.
// Not modelled: fast intrinsics (__expf is expf), contraction to fused multiply-add except where fmaf is
// called, memory ordering.
#pragma once
#include "abi.h"

static thread_local emulated::Thread* emulatedThread;
static const emulated::Host* emulatedHost;

#define threadIdx (emulatedThread->index)
#define blockIdx (emulatedThread->grid->block)
#define blockDim (emulatedThread->grid->blockSize)
#define gridDim (emulatedThread->grid->gridSize)
#define warpSize 32

#define __device__
#define __host__
#define __constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __align__(n) alignas(n)

using size_t = decltype(sizeof(0));

// ---- Vectors

using uint3 = emulated::Index;
struct alignas(8) float2 { float x, y; };
struct float3 { float x, y, z; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(8) int2 { int x, y; };
struct int3 { int x, y, z; };
struct alignas(16) int4 { int x, y, z, w; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
struct alignas(16) double2 { double x, y; };
static inline float2 make_float2(float x, float y) { return {x, y}; }
static inline float3 make_float3(float x, float y, float z) { return {x, y, z}; }
static inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
static inline int2 make_int2(int x, int y) { return {x, y}; }
static inline int3 make_int3(int x, int y, int z) { return {x, y, z}; }
static inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
static inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
static inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
static inline double2 make_double2(double x, double y) { return {x, y}; }

// ---- Bits

template <typename To, typename From>
static inline To emulatedBits(From from) {
  static_assert(sizeof(To) == sizeof(From), "bits of another size");
  To to;
  __builtin_memcpy(&to, &from, sizeof(To));
  return to;
}

static inline int __float_as_int(float x) { return emulatedBits<int>(x); }
static inline unsigned __float_as_uint(float x) { return emulatedBits<unsigned>(x); }
static inline float __int_as_float(int x) { return emulatedBits<float>(x); }
static inline float __uint_as_float(unsigned x) { return emulatedBits<float>(x); }
static inline long long __double_as_longlong(double x) { return emulatedBits<long long>(x); }
static inline double __longlong_as_double(long long x) { return emulatedBits<double>(x); }
static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
static inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(static_cast<unsigned>(x)); }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline unsigned __umulhi(unsigned x, unsigned y) {
  return static_cast<unsigned>((static_cast<unsigned long long>(x) * y) >> 32);
}
static inline unsigned long long __umul64hi(unsigned long long x, unsigned long long y) {
  return static_cast<unsigned long long>((static_cast<unsigned __int128>(x) * y) >> 64);
}

// ---- Waiting for one another

static inline void __syncthreads() {
  emulatedHost->block(emulatedThread, emulated::BARRIER, 0);
}
static inline int __syncthreads_or(int predicate) {
  return emulatedHost->block(emulatedThread, emulated::BARRIER_OR, predicate);
}
static inline int __syncthreads_and(int predicate) {
  return emulatedHost->block(emulatedThread, emulated::BARRIER_AND, predicate);
}
static inline int __syncthreads_count(int predicate) {
  return emulatedHost->block(emulatedThread, emulated::BARRIER_COUNT, predicate);
}
static inline void __syncwarp(unsigned mask = 0xffffffffu) {
  emulatedHost->warp(emulatedThread, emulated::WARP_BARRIER, mask, 0, 0);
}
static inline unsigned __ballot_sync(unsigned mask, int predicate) {
  return static_cast<unsigned>(
      emulatedHost->warp(emulatedThread, emulated::BALLOT, mask, predicate != 0, 0));
}
static inline int __any_sync(unsigned mask, int predicate) {
  return __ballot_sync(mask, predicate) != 0;
}
static inline int __all_sync(unsigned mask, int predicate) {
  return __ballot_sync(mask, !predicate) == 0;
}

// source is a lane of the warp; beyond the segment of width lanes a thread keeps its own value.
template <typename T>
static inline T emulatedShuffle(unsigned mask, T value, int source, bool inside) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8, "shuffles move 4 or 8 bytes");
  unsigned long long bits = 0;
  __builtin_memcpy(&bits, &value, sizeof(T));
  bits = emulatedHost->warp(emulatedThread, emulated::SHUFFLE, mask, bits,
                            inside ? static_cast<unsigned>(source) : emulatedThread->lane);
  __builtin_memcpy(&value, &bits, sizeof(T));
  return value;
}
template <typename T>
static inline T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
  int lane = static_cast<int>(emulatedThread->lane);
  return emulatedShuffle(mask, value, (lane & ~(width - 1)) | (source & (width - 1)), true);
}
template <typename T>
static inline T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32) {
  int lane = static_cast<int>(emulatedThread->lane);
  int source = lane ^ bits;
  return emulatedShuffle(mask, value, source, source < (lane & ~(width - 1)) + width);
}
template <typename T>
static inline T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32) {
  int lane = static_cast<int>(emulatedThread->lane);
  int source = lane + static_cast<int>(delta);
  return emulatedShuffle(mask, value, source, source < (lane & ~(width - 1)) + width);
}
template <typename T>
static inline T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32) {
  int lane = static_cast<int>(emulatedThread->lane);
  int source = lane - static_cast<int>(delta);
  return emulatedShuffle(mask, value, source, source >= (lane & ~(width - 1)));
}

static inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void __threadfence_block() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

// ---- Memory

template <typename T>
static inline T __ldg(const T* from) { return *from; }
template <typename T>
static inline T __ldcs(const T* from) { return *from; }
template <typename T>
static inline void __stcs(T* to, T value) { *to = value; }

// Blocks of several streams may run at once, on several threads of the system.
template <typename T, typename Change>
static inline T emulatedAtomic(T* at, Change change) {
  T before, after;
  __atomic_load(at, &before, __ATOMIC_RELAXED);
  do {
    after = change(before);
  } while (!__atomic_compare_exchange(at, &before, &after, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  return before;
}
#define EMULATED_ATOMICS(T)                                                                                \
  static inline T atomicAdd(T* at, T x) { return emulatedAtomic(at, [x](T old) -> T { return old + x; }); } \
  static inline T atomicExch(T* at, T x) { return emulatedAtomic(at, [x](T) -> T { return x; }); }
EMULATED_ATOMICS(int)
EMULATED_ATOMICS(unsigned)
EMULATED_ATOMICS(unsigned long long)
EMULATED_ATOMICS(float)
static inline double atomicAdd(double* at, double x) {
  return emulatedAtomic(at, [x](double old) { return old + x; });
}
#define EMULATED_INTEGER_ATOMICS(T)                                                                              \
  static inline T atomicMax(T* at, T x) { return emulatedAtomic(at, [x](T old) { return old < x ? x : old; }); } \
  static inline T atomicMin(T* at, T x) { return emulatedAtomic(at, [x](T old) { return x < old ? x : old; }); } \
  static inline T atomicOr(T* at, T x) { return emulatedAtomic(at, [x](T old) -> T { return old | x; }); }       \
  static inline T atomicAnd(T* at, T x) { return emulatedAtomic(at, [x](T old) -> T { return old & x; }); }      \
  static inline T atomicCAS(T* at, T expected, T x) {                                                            \
    return emulatedAtomic(at, [expected, x](T old) { return old == expected ? x : old; });                       \
  }
EMULATED_INTEGER_ATOMICS(int)
EMULATED_INTEGER_ATOMICS(unsigned)
EMULATED_INTEGER_ATOMICS(unsigned long long)

// ---- Mathematics

#define EMULATED_FUNCTION(name)        \
  extern "C" double name(double);      \
  extern "C" float name##f(float);     \
  static inline float name(float x) { return name##f(x); }
EMULATED_FUNCTION(exp)
EMULATED_FUNCTION(exp2)
EMULATED_FUNCTION(expm1)
EMULATED_FUNCTION(log)
EMULATED_FUNCTION(log2)
EMULATED_FUNCTION(log10)
EMULATED_FUNCTION(log1p)
EMULATED_FUNCTION(sqrt)
EMULATED_FUNCTION(cbrt)
EMULATED_FUNCTION(sin)
EMULATED_FUNCTION(cos)
EMULATED_FUNCTION(tan)
EMULATED_FUNCTION(tanh)
EMULATED_FUNCTION(sinh)
EMULATED_FUNCTION(cosh)
EMULATED_FUNCTION(atan)
EMULATED_FUNCTION(erf)
EMULATED_FUNCTION(erfc)
EMULATED_FUNCTION(fabs)
EMULATED_FUNCTION(floor)
EMULATED_FUNCTION(ceil)
EMULATED_FUNCTION(round)
EMULATED_FUNCTION(rint)
EMULATED_FUNCTION(trunc)
#define EMULATED_BINARY(name)             \
  extern "C" double name(double, double); \
  extern "C" float name##f(float, float); \
  static inline float name(float x, float y) { return name##f(x, y); }
EMULATED_BINARY(pow)
EMULATED_BINARY(fmax)
EMULATED_BINARY(fmin)
EMULATED_BINARY(fmod)
EMULATED_BINARY(copysign)
EMULATED_BINARY(hypot)
EMULATED_BINARY(atan2)
extern "C" double fma(double, double, double);
extern "C" float fmaf(float, float, float);
extern "C" double ldexp(double, int);
extern "C" float ldexpf(float, int);
extern "C" int abs(int) noexcept;
static inline float fma(float x, float y, float z) { return fmaf(x, y, z); }
static inline float abs(float x) { return fabsf(x); }
static inline double abs(double x) { return fabs(x); }
static inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
static inline double rsqrt(double x) { return 1.0 / sqrt(x); }
static inline float rsqrt(float x) { return rsqrtf(x); }
static inline float __expf(float x) { return expf(x); }
static inline float __logf(float x) { return logf(x); }
static inline float __powf(float x, float y) { return powf(x, y); }
static inline float __fdividef(float x, float y) { return x / y; }
static inline float __frcp_rn(float x) { return 1.0f / x; }
static inline float __fsqrt_rn(float x) { return sqrtf(x); }
static inline float __fadd_rn(float x, float y) { return x + y; }
static inline float __fsub_rn(float x, float y) { return x - y; }
static inline float __fmul_rn(float x, float y) { return x * y; }
static inline float __fdiv_rn(float x, float y) { return x / y; }
static inline float __fmaf_rn(float x, float y, float z) { return fmaf(x, y, z); }
static inline float __saturatef(float x) { return fminf(fmaxf(x, 0.0f), 1.0f); }
static inline double __dadd_rn(double x, double y) { return x + y; }
static inline double __dmul_rn(double x, double y) { return x * y; }
static inline double __fma_rn(double x, double y, double z) { return fma(x, y, z); }
static inline float __double2float_rn(double x) { return static_cast<float>(x); }
static inline float __int2float_rn(int x) { return static_cast<float>(x); }
static inline float __uint2float_rn(unsigned x) { return static_cast<float>(x); }
static inline int __float2int_rn(float x) { return static_cast<int>(rintf(x)); }
static inline int __float2int_rz(float x) { return static_cast<int>(x); }
#define EMULATED_TESTS(T)                                              \
  static inline bool isfinite(T x) { return __builtin_isfinite(x); }   \
  static inline bool isnan(T x) { return __builtin_isnan(x); }         \
  static inline bool isinf(T x) { return __builtin_isinf(x) != 0; }    \
  static inline bool signbit(T x) { return __builtin_signbit(x) != 0; }
EMULATED_TESTS(float)
EMULATED_TESTS(double)
#define EMULATED_EXTREMES(T)                                    \
  static inline T max(T x, T y) { return x < y ? y : x; }       \
  static inline T min(T x, T y) { return y < x ? y : x; }
EMULATED_EXTREMES(int)
EMULATED_EXTREMES(unsigned)
EMULATED_EXTREMES(long)
EMULATED_EXTREMES(unsigned long)
EMULATED_EXTREMES(long long)
EMULATED_EXTREMES(unsigned long long)
static inline float max(float x, float y) { return fmaxf(x, y); }
static inline float min(float x, float y) { return fminf(x, y); }
static inline double max(double x, double y) { return fmax(x, y); }
static inline double min(double x, double y) { return fmin(x, y); }

// ---- The module: what the emulator appends names its kernels

template <unsigned... I>
struct EmulatedNumbers {};

template <typename T>
constexpr bool emulatedPointer = false;
template <typename T>
constexpr bool emulatedPointer<T*> = true;
template <typename T>
constexpr bool emulatedPointer<T* __restrict__> = true;

template <auto kernel>
struct EmulatedCall;
template <typename... P, void (*kernel)(P...)>
struct EmulatedCall<kernel> {
  static constexpr unsigned COUNT = sizeof...(P);
  static constexpr emulated::Parameter PARAMETERS[COUNT + 1] = {{sizeof(P), emulatedPointer<P>}..., {0, false}};
  static void call(void* const* parameters) {
    unpack(parameters, EmulatedNumbers<__integer_pack(COUNT)...>{});
  }
  template <unsigned... I>
  static void unpack([[maybe_unused]] void* const* parameters, EmulatedNumbers<I...>) {
    kernel(*static_cast<P*>(parameters[I])...);
  }
};

constexpr unsigned emulatedBound() { return 0; }
template <typename... Rest>
constexpr unsigned emulatedBound(unsigned maxThreads, Rest...) { return maxThreads; }

#define __CUDACC__
#define __CUDACC_RTC__
