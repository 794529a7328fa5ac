package org.basin.engine.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The emulator, through the same foreign functions as the engine: known answers, and CUDA's codes.
 */
class EmulatorTest {
  private static final int INVALID_VALUE = 1;
  private static final int OUT_OF_MEMORY = 2;
  private static final int NO_BINARY = 209;
  private static final int INVALID_HANDLE = 400;
  private static final int NOT_FOUND = 500;
  private static final int ILLEGAL_ADDRESS = 700;
  private static final int LAUNCH_FAILED = 719;
  private static final int CAPTURE_UNSUPPORTED = 900;
  private static final int CAPTURE_INVALIDATED = 901;
  private static final int COMPILATION = 6;

  private static final String HEADER =
      """
      __device__ __forceinline__ float warpSum(float value) {
      #pragma unroll
        for (int offset = 16; offset > 0; offset >>= 1) {
          value += __shfl_xor_sync(0xffffffffu, value, offset);
        }
        return value;
      }
      """;

  private static final String KERNELS =
      """
      #include "sum.cuh"

      extern "C" __global__ void __launch_bounds__(256) blockSum(
          const float* __restrict__ x, float* __restrict__ sums, int n) {
        __shared__ float parts[8];
        extern __shared__ float shared[];
        int i = blockIdx.x * blockDim.x + threadIdx.x;
        shared[threadIdx.x] = i < n ? x[i] : 0.0f;
        __syncthreads();
        float sum = warpSum(shared[blockDim.x - 1 - threadIdx.x]);
        if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = sum;
        __syncthreads();
        if (threadIdx.x < 32) {
          sum = warpSum(threadIdx.x < 8 ? parts[threadIdx.x] : 0.0f);
          if (threadIdx.x == 0) sums[blockIdx.x] = sum;
        }
      }

      extern "C" __global__ void race(float* x) {
        __shared__ float shared[64];
        shared[threadIdx.x] = threadIdx.x;
        x[threadIdx.x] = shared[(threadIdx.x + 1) % 64];
      }

      extern "C" __global__ void count(int* total, float* sum, double* fine) {
        atomicAdd(total, 1);
        atomicAdd(sum, 0.5f);
        atomicAdd(fine, 0.25);
        atomicMax(total + 1, (int)threadIdx.x);
      }

      extern "C" __global__ void scale(float* x, float by, int n) {
        int i = blockIdx.x * blockDim.x + threadIdx.x;
        if (i < n) x[i] *= by;
      }

      extern "C" __global__ void lanes(int* out) {
        int t = threadIdx.x;
        out[t] = __shfl_down_sync(0xffffffffu, t, 1);
        out[t + 64] = __shfl_up_sync(0xffffffffu, t, 1, 16);
        out[t + 128] = __shfl_sync(0xffffffffu, t, 3);
        out[t + 192] = (int)__ballot_sync(0xffffffffu, t % 3 == 0);
        out[t + 256] = __syncthreads_count(t % 5 == 0);
        out[t + 320] = __syncthreads_or(t == 7) * 2 + __syncthreads_and(t < 63);
        unsigned half = t % 32 < 16 ? 0x0000ffffu : 0xffff0000u;
        out[t + 384] = __shfl_xor_sync(half, t, 8);
      }

      extern "C" __global__ void divergent(float* x) {
        if (threadIdx.x < 40) __syncthreads();
        else __shfl_sync(0xffffffffu, x[0], 0);
        x[threadIdx.x] = 1.0f;
      }

      extern "C" __global__ void returned(float* x) {
        if (threadIdx.x >= 40) return;
        __syncthreads();
        x[threadIdx.x] = 1.0f;
      }

      extern "C" __global__ void store(float* x, int at) { x[at] = 1.0f; }

      extern "C" __global__ void wide(float* x, int at) {
        float4 v = *reinterpret_cast<const float4*>(x + at);
        *reinterpret_cast<float4*>(x + at) = make_float4(v.w, v.z, v.y, v.x);
        x[at] += 10.0f;
      }

      extern "C" __global__ void divide(int* x, int by) { x[0] = x[1] / by; }

      extern "C" __global__ void overrun(float* x) {
        extern __shared__ float shared[];
        shared[threadIdx.x + 1] = 1.0f;
      }

      extern "C" __global__ void unwritten(float* x) {
        __shared__ float own[32];
        extern __shared__ float shared[];
        if (x == nullptr) own[threadIdx.x] = 1.0f;
        x[threadIdx.x] = own[threadIdx.x];
        x[threadIdx.x + 32] = shared[threadIdx.x];
      }

      extern "C" __global__ void math(float* x) {
        float4 v = make_float4(x[0], x[1], x[2], x[3]);
        x[0] = expf(v.x) + log1pf(v.y);
        x[1] = copysignf(fmaxf(v.z, v.w), -1.0f);
        x[2] = isfinite(v.x) && !isnan(v.y) ? rsqrtf(v.w) : 0.0f;
        x[3] = __int_as_float(__float_as_int(v.x) ^ (1 << 31));
      }
      """;

  private Arena arena;
  private SymbolLookup library;
  private MemorySegment module;

  @BeforeEach
  @SuppressWarnings("restricted")
  void open() {
    assumeTrue(Emulator.problem() == null, Emulator.problem());
    arena = Arena.ofShared();
    library = SymbolLookup.libraryLookup(Emulator.folder().resolve("libcuda.so.1"), arena);
    Emulator.reset();
    ok("cuInit", 0);
    enter(0);
    module = load(compiled("sm_90", KERNELS));
  }

  @AfterEach
  void close() {
    if (arena != null) {
      Emulator.reset();
      arena.close();
    }
  }

  // ---- Kernels

  @Test
  void barriersShufflesAndSharedMemoryGiveTheSumsOfBlocksInAnyOrder() {
    float[] x = new float[1000];
    float[] expected = new float[4];
    for (int i = 0; i < x.length; i++) {
      x[i] = i % 7 + 1;
      expected[i / 256] += x[i];
    }
    long in = upload(x);
    for (Emulator.Order order : Emulator.Order.values()) {
      Emulator.setOrder(order, 11);
      long sums = allocate(16);
      assertEquals(0, launch("blockSum", 4, 256, 1024, in, sums, 1000));
      assertArrayEquals(expected, download(sums, 4), order.name());
    }
    assertEquals(3, Emulator.launches("blockSum"));
    assertEquals(3, Emulator.launches());
  }

  @Test
  void aRaceShowsAsOtherBitsInAnotherOrder() {
    long x = allocate(256);
    launch("race", 1, 64, 0, x);
    float[] forward = download(x, 64);
    assertTrue(Float.isNaN(forward[0]), "read before it is written");
    Emulator.setOrder(Emulator.Order.REVERSE, 0);
    launch("race", 1, 64, 0, x);
    assertEquals(1.0f, download(x, 64)[0]);
  }

  @Test
  void atomicsAddUp() {
    long total = allocate(8);
    long sum = allocate(4);
    long fine = allocate(8);
    set(total, 0, 2);
    set(sum, 0, 1);
    set(fine, 0, 2);
    assertEquals(0, launch("count", 5, 100, 0, total, sum, fine));
    MemorySegment back = arena.allocate(8);
    ok("cuMemcpyDtoH_v2", back, total, 8L);
    assertEquals(500, back.get(JAVA_INT, 0));
    assertEquals(99, back.get(JAVA_INT, 4));
    assertEquals(250.0f, download(sum, 1)[0]);
    ok("cuMemcpyDtoH_v2", back, fine, 8L);
    assertEquals(125.0, back.get(JAVA_DOUBLE, 0));
  }

  @Test
  void lanesOfAWarpSeeWhatTheManualSays() {
    for (Emulator.Order order : Emulator.Order.values()) {
      Emulator.setOrder(order, 3);
      long out = allocate(4 * 448);
      assertEquals(0, launch("lanes", 1, 64, 0, out));
      MemorySegment back = arena.allocate(4 * 448);
      ok("cuMemcpyDtoH_v2", back, out, 4L * 448);
      int[] found = back.toArray(JAVA_INT);
      for (int t = 0; t < 64; t++) {
        int lane = t % 32;
        int base = t - lane;
        assertEquals(lane == 31 ? t : t + 1, found[t]);
        assertEquals(lane % 16 == 0 ? t : t - 1, found[t + 64]);
        assertEquals(base + 3, found[t + 128]);
        int ballot = 0;
        for (int l = 0; l < 32; l++) {
          ballot |= (base + l) % 3 == 0 ? 1 << l : 0;
        }
        assertEquals(ballot, found[t + 192]);
        assertEquals(13, found[t + 256]);
        assertEquals(2, found[t + 320]);
        assertEquals(t ^ 8, found[t + 384]);
      }
    }
  }

  @Test
  void mathematicsIsTheCpus() {
    long x = upload(0.5f, 1.0f, 3.0f, 4.0f);
    assertEquals(0, launch("math", 1, 1, 0, x));
    float[] found = download(x, 4);
    assertEquals(Math.exp(0.5) + Math.log1p(1), found[0], 1e-6);
    assertEquals(-4.0f, found[1]);
    assertEquals(0.5f, found[2]);
    assertEquals(-0.5f, found[3]);
  }

  // ---- What a GPU would let pass, and codes

  @Test
  void memoryAndSharedMemoryThatNobodyWroteIsNaN() {
    long x = allocate(256);
    for (float value : download(x, 64)) {
      assertTrue(Float.isNaN(value));
    }
    set(x, 0, 64);
    launch("unwritten", 1, 32, 128, x);
    for (float value : download(x, 64)) {
      assertTrue(Float.isNaN(value));
    }
  }

  @Test
  void threadsAtDifferentBarriersEndTheLaunchAndLoseTheDevice() {
    long x = upload(new float[64]);
    assertEquals(0, launch("divergent", 1, 64, 0, x));
    assertEquals(LAUNCH_FAILED, call("cuCtxSynchronize"));
    assertEquals(LAUNCH_FAILED, call("cuMemFree_v2", x));
  }

  @Test
  void threadsThatReturnedCountAsArrived() {
    long x = upload(new float[64]);
    assertEquals(0, launch("returned", 1, 64, 0, x));
    float[] found = download(x, 64);
    assertEquals(1.0f, found[39]);
    assertEquals(0.0f, found[40]);
  }

  @Test
  void anAccessBehindAnAllocationIsAnIllegalAddress() {
    long x = allocate(1024);
    assertEquals(0, launch("store", 1, 1, 0, x, 255));
    assertEquals(0, call("cuCtxSynchronize"));
    assertEquals(0, launch("store", 1, 1, 0, x, 256));
    assertEquals(ILLEGAL_ADDRESS, call("cuCtxSynchronize"));
    assertEquals(ILLEGAL_ADDRESS, call("cuCtxSynchronize"));
  }

  @Test
  void aWriteIntoTheSlackBehindAnAllocationShowsWhenItIsFreed() {
    long x = allocate(100);
    assertEquals(0, launch("store", 1, 1, 0, x, 25));
    assertEquals(ILLEGAL_ADDRESS, call("cuMemFree_v2", x));
  }

  @Test
  void freedMemoryIsGone() {
    long x = allocate(1024);
    ok("cuMemFree_v2", x);
    assertEquals(INVALID_VALUE, call("cuMemFree_v2", x));
    assertEquals(INVALID_VALUE, call("cuMemcpyHtoD_v2", x, arena.allocate(4), 4L));
    assertEquals(0, launch("store", 1, 1, 0, x, 0));
    assertEquals(ILLEGAL_ADDRESS, call("cuCtxSynchronize"));
  }

  @Test
  void aWriteBehindDynamicSharedMemoryFails() {
    long x = allocate(4);
    assertEquals(0, launch("overrun", 1, 32, 132, x));
    assertEquals(0, call("cuCtxSynchronize"));
    assertEquals(0, launch("overrun", 1, 32, 128, x));
    assertEquals(ILLEGAL_ADDRESS, call("cuCtxSynchronize"));
  }

  @Test
  void fourFloatsAtOnceLieAtMultiplesOfSixteenBytes() {
    long x = upload(0f, 1f, 2f, 3f, 4f, 5f, 6f, 7f);
    assertEquals(0, launch("wide", 1, 1, 0, x, 4));
    assertArrayEquals(new float[] {0f, 1f, 2f, 3f, 17f, 6f, 5f, 4f}, download(x, 8));
    assertEquals(0, launch("wide", 1, 1, 0, x, 2));
    assertEquals(716, call("cuCtxSynchronize"));
  }

  @Test
  void divisionByZeroDoesNotEndTheProcess() {
    long x = allocate(8);
    assertEquals(0, launch("divide", 1, 1, 0, x, 0));
    assertEquals(LAUNCH_FAILED, call("cuCtxSynchronize"));
    // The Java machine's own use of the signal is as before.
    assertThrows(ArithmeticException.class, () -> Integer.divideUnsigned(1, arena == null ? 1 : 0));
    assertThrows(NullPointerException.class, () -> nothing().length());
  }

  private static String nothing() {
    return System.getProperty("there is no such property");
  }

  @Test
  void allocationsAndCopiesKnowTheirBounds() {
    Emulator.setMemory(1 << 20);
    long before = Emulator.allocated();
    MemorySegment pointer = arena.allocate(ADDRESS);
    assertEquals(OUT_OF_MEMORY, call("cuMemAlloc_v2", pointer, (1L << 20) + 1));
    long x = allocate(1000);
    assertEquals(before + 1024, Emulator.allocated());
    assertEquals(0, x % 256);
    MemorySegment host = arena.allocate(1001);
    assertEquals(INVALID_VALUE, call("cuMemcpyHtoD_v2", x, host, 1001L));
    assertEquals(INVALID_VALUE, call("cuMemcpyDtoH_v2", host, x + 1, 1000L));
    ok("cuMemcpyHtoD_v2", x, host, 1000L);
    ok("cuMemFree_v2", x);
    assertEquals(before, Emulator.allocated());
    assertTrue(Emulator.peak() >= before + 1024);
  }

  @Test
  void launchesAreCheckedWhenTheyAreAskedFor() {
    long x = allocate(4);
    assertEquals(INVALID_VALUE, launch("scale", 1, 1025, 0, x, 1.0f, 1));
    assertEquals(INVALID_VALUE, launch("blockSum", 1, 257, 0, x, x, 1), "launch bounds");
    assertEquals(INVALID_VALUE, launch("scale", 0, 32, 0, x, 1.0f, 1));
    assertEquals(0, launch("overrun", 1, 1, 48 * 1024, x));
    assertEquals(INVALID_VALUE, launch("overrun", 1, 1, 48 * 1024 + 4, x));
    MemorySegment overrun = function("overrun");
    assertEquals(INVALID_VALUE, call("cuFuncSetAttribute", overrun, 8, 227 * 1024 + 1));
    ok("cuFuncSetAttribute", overrun, 8, 227 * 1024);
    assertEquals(0, launch("overrun", 1, 1, 227 * 1024, x));
    assertEquals(
        INVALID_VALUE, launch("blockSum", 1, 256, 48 * 1024, x, x, 1), "static and dynamic");
    assertEquals(0, call("cuCtxSynchronize"));
    assertEquals(INVALID_HANDLE, call("cuStreamSynchronize", arena.allocate(8)));
    assertEquals(
        NOT_FOUND,
        call("cuModuleGetFunction", arena.allocate(ADDRESS), module, arena.allocateFrom("none")));
  }

  // ---- Streams

  @Test
  void workWaitsUntilSomebodyWaitsForIt() {
    MemorySegment stream = stream();
    MemorySegment host = arena.allocateFrom(JAVA_FLOAT, 1.0f, 2.0f);
    long x = upload(5.0f, 6.0f);
    ok("cuMemcpyHtoDAsync_v2", x, host, 8L, stream);
    host.set(JAVA_FLOAT, 0, 9.0f);
    assertEquals(0, launchOn(stream, "scale", 1, 32, 0, x, 10.0f, 2));
    MemorySegment back = arena.allocate(8);
    ok("cuMemcpyDtoHAsync_v2", back, x, 8L, stream);
    assertEquals(0.0f, back.get(JAVA_FLOAT, 0));
    ok("cuStreamSynchronize", stream);
    assertEquals(90.0f, back.get(JAVA_FLOAT, 0), "the copy reads the host when it runs");
    assertEquals(20.0f, back.get(JAVA_FLOAT, 4));
  }

  @Test
  void theNullStreamAndBlockingStreamsKeepTheirOrder() {
    MemorySegment blocking = handle("cuStreamCreate", 0);
    MemorySegment back = arena.allocate(4);
    long x = upload(1.0f);
    launch("scale", 1, 1, 0, x, 2.0f, 1);
    launchOn(blocking, "scale", 1, 1, 0, x, 3.0f, 1);
    ok("cuMemcpyDtoHAsync_v2", back, x, 4L, MemorySegment.NULL);
    ok("cuStreamSynchronize", blocking);
    assertEquals(6.0f, back.get(JAVA_FLOAT, 0));
    // A synchronous copy does not wait for a stream that is non-blocking.
    launchOn(stream(), "scale", 1, 1, 0, x, 5.0f, 1);
    assertEquals(6.0f, download(x, 1)[0]);
    assertEquals(0, call("cuCtxSynchronize"));
    assertEquals(30.0f, download(x, 1)[0]);
  }

  @Test
  void anEventIsWaitedForNoFurtherThanItsPlace() {
    MemorySegment stream = stream();
    long x = upload(1.0f);
    MemorySegment start = handle("cuEventCreate", 0);
    MemorySegment end = handle("cuEventCreate", 0);
    MemorySegment back = arena.allocate(4);
    ok("cuEventRecord", start, stream);
    launchOn(stream, "scale", 1, 1, 0, x, 3.0f, 1);
    ok("cuMemcpyDtoHAsync_v2", back, x, 4L, stream);
    ok("cuEventRecord", end, stream);
    launchOn(stream, "scale", 1, 1, 0, x, 3.0f, 1);
    ok("cuMemcpyDtoHAsync_v2", back, x, 4L, stream);
    assertEquals(600, call("cuEventElapsedTime", arena.allocate(4), start, end));
    ok("cuEventSynchronize", end);
    assertEquals(3.0f, back.get(JAVA_FLOAT, 0));
    MemorySegment elapsed = arena.allocate(4);
    ok("cuEventElapsedTime", elapsed, start, end);
    assertTrue(elapsed.get(JAVA_FLOAT, 0) >= 0);
    ok("cuStreamSynchronize", stream);
    assertEquals(9.0f, back.get(JAVA_FLOAT, 0));
  }

  @Test
  void aGraphRepeatsWhatWasCaptured() {
    MemorySegment stream = stream();
    long x = upload(1.0f);
    ok("cuStreamBeginCapture_v2", stream, 0);
    launchOn(stream, "scale", 1, 1, 0, x, 2.0f, 1);
    launchOn(stream, "scale", 1, 1, 0, x, 3.0f, 1);
    MemorySegment graph = handle("cuStreamEndCapture", stream);
    assertEquals(1.0f, download(x, 1)[0], "a capture runs nothing");
    MemorySegment executable = arena.allocate(ADDRESS);
    ok("cuGraphInstantiateWithFlags", executable, graph, 0L);
    ok("cuGraphDestroy", graph);
    for (int i = 0; i < 3; i++) {
      ok("cuGraphLaunch", executable.get(ADDRESS, 0), stream);
    }
    ok("cuStreamSynchronize", stream);
    assertEquals(216.0f, download(x, 1)[0]);
    ok("cuGraphExecDestroy", executable.get(ADDRESS, 0));
    ok("cuStreamDestroy_v2", stream);
    assertEquals(1, Emulator.handles(), "the module");
  }

  @Test
  void nothingSynchronisesAllocatesOrFreesDuringCapture() {
    MemorySegment stream = stream();
    long x = allocate(4);
    MemorySegment graph = arena.allocate(ADDRESS);
    MemorySegment pointer = arena.allocate(ADDRESS);
    List<Runnable> forbidden =
        List.of(
            () -> assertEquals(CAPTURE_UNSUPPORTED, call("cuStreamSynchronize", stream)),
            () -> assertEquals(CAPTURE_UNSUPPORTED, call("cuCtxSynchronize")),
            () -> assertEquals(CAPTURE_UNSUPPORTED, call("cuMemAlloc_v2", pointer, 4L)),
            () -> assertEquals(CAPTURE_UNSUPPORTED, call("cuMemFree_v2", x)),
            () -> assertEquals(CAPTURE_UNSUPPORTED, call("cuMemcpyDtoH_v2", pointer, x, 4L)));
    for (Runnable each : forbidden) {
      ok("cuStreamBeginCapture_v2", stream, 0);
      each.run();
      assertEquals(CAPTURE_INVALIDATED, call("cuStreamEndCapture", stream, graph));
    }
    ok("cuStreamSynchronize", stream);
  }

  @Test
  void streamsOfSeveralThreadsRunAtOnce() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<float[]>> found =
          IntStream.range(0, 8)
              .mapToObj(
                  i ->
                      threads.submit(
                          () -> {
                            enter(0);
                            MemorySegment stream = handle("cuStreamCreate", 1);
                            float[] x = new float[4096];
                            Arrays.fill(x, i);
                            long in = upload(x);
                            long sums = allocate(64);
                            for (int j = 0; j < 20; j++) {
                              assertEquals(
                                  0, launchOn(stream, "blockSum", 16, 256, 1024, in, sums, 4096));
                            }
                            ok("cuStreamSynchronize", stream);
                            return download(sums, 16);
                          }))
              .toList();
      for (int i = 0; i < 8; i++) {
        float[] expected = new float[16];
        Arrays.fill(expected, 256f * i);
        assertArrayEquals(expected, found.get(i).get());
      }
    }
  }

  // ---- Products

  @Test
  void productsAreThoseOfANaiveLoop() {
    MemorySegment blas = handle("cublasCreate_v2");
    Random random = new Random(5);
    int batches = 2;
    for (int transposes = 0; transposes < 4; transposes++) {
      boolean ta = (transposes & 1) != 0;
      boolean tb = (transposes & 2) != 0;
      for (int[] size : new int[][] {{1, 1, 1}, {7, 5, 3}, {4, 9, 17}, {3, 2, 0}}) {
        int m = size[0];
        int n = size[1];
        int k = size[2];
        int lda = Math.max(1, ta ? k : m) + 1;
        int ldb = Math.max(1, tb ? n : k) + 2;
        int ldc = m + 3;
        float[] a = normal(random, batches * lda * Math.max(1, ta ? m : k));
        float[] b = normal(random, batches * ldb * Math.max(1, tb ? k : n));
        float[] c = normal(random, batches * ldc * n);
        float beta = transposes % 2 == 0 ? 0.0f : 0.5f;
        float[] expected = c.clone();
        int strideA = a.length / batches;
        int strideB = b.length / batches;
        for (int r = 0; r < batches; r++) {
          for (int j = 0; j < n; j++) {
            for (int i = 0; i < m; i++) {
              double sum = 0;
              for (int p = 0; p < k; p++) {
                sum +=
                    (double) a[r * strideA + (ta ? i * lda + p : p * lda + i)]
                        * b[r * strideB + (tb ? p * ldb + j : j * ldb + p)];
              }
              int at = r * ldc * n + j * ldc + i;
              expected[at] = (float) (1.5 * sum + beta * c[at]);
              if (beta == 0.0f) {
                c[at] = Float.NaN;
              }
            }
          }
        }
        long onDevice = upload(c);
        ok(
            "cublasSgemmStridedBatched",
            blas,
            ta ? 1 : 0,
            tb ? 1 : 0,
            m,
            n,
            k,
            one(1.5f),
            upload(a),
            lda,
            (long) strideA,
            upload(b),
            ldb,
            (long) strideB,
            one(beta),
            onDevice,
            ldc,
            (long) ldc * n,
            batches);
        assertArrayEquals(expected, download(onDevice, c.length), 1e-5f, m + " " + transposes);
      }
    }
    ok("cublasDestroy_v2", blas);
  }

  @Test
  void productsRefuseSizesThatDoNotFit() {
    MemorySegment blas = handle("cublasCreate_v2");
    long x = allocate(64);
    assertEquals(0, gemm(blas, x, 4, 4, 4, 4, 4, 4));
    assertEquals(0, call("cuCtxSynchronize"));
    assertEquals(7, gemm(blas, x, -1, 4, 4, 4, 4, 4));
    assertEquals(7, gemm(blas, x, 4, 4, 4, 3, 4, 4));
    assertEquals(7, gemm(blas, x, 4, 4, 4, 4, 3, 4));
    assertEquals(7, gemm(blas, x, 4, 4, 4, 4, 4, 3));
    assertEquals(1, gemm(MemorySegment.NULL, x, 4, 4, 4, 4, 4, 4));
    assertEquals(0, gemm(blas, x, 5, 4, 4, 5, 4, 5));
    assertEquals(ILLEGAL_ADDRESS, call("cuCtxSynchronize"), "reaches behind the matrix");
  }

  // ---- Compilation, failures, devices

  @Test
  void compilationErrorsStandInTheLog() {
    MemorySegment program = program("extern \"C\" __global__ void broken(float* x) { x[0] = y; }");
    assertEquals(COMPILATION, compile(program, "sm_90"));
    MemorySegment size = arena.allocate(JAVA_LONG);
    ok("nvrtcGetProgramLogSize", program, size);
    MemorySegment log = arena.allocate(size.get(JAVA_LONG, 0));
    ok("nvrtcGetProgramLog", program, log);
    assertTrue(
        log.getString(0).contains("'y' was not declared") || log.getString(0).contains("‘y’"),
        log.getString(0));
    assertEquals(5, compile(program, "sm_12"));
  }

  @Test
  void aCubinRunsOnItsOwnGenerationAlone() {
    MemorySegment cubin = compiled("sm_80", KERNELS);
    MemorySegment pointer = arena.allocate(ADDRESS);
    assertEquals(NO_BINARY, call("cuModuleLoadData", pointer, cubin));
    Emulator.setCapability(8, 6, 99 * 1024);
    ok("cuModuleLoadData", pointer, cubin);
    MemorySegment value = arena.allocate(JAVA_INT);
    ok("cuDeviceGetAttribute", value, 97, 0);
    assertEquals(99 * 1024, value.get(JAVA_INT, 0));
    ok("cuFuncGetAttribute", value, 1, function("blockSum"));
    assertEquals(32, value.get(JAVA_INT, 0));
  }

  @Test
  void ptxRunsOnANewerGeneration() {
    MemorySegment program = program(KERNELS);
    assertEquals(0, compile(program, "compute_80"));
    MemorySegment size = arena.allocate(JAVA_LONG);
    ok("nvrtcGetCUBINSize", program, size);
    assertEquals(0, size.get(JAVA_LONG, 0));
    ok("nvrtcGetPTXSize", program, size);
    MemorySegment ptx = arena.allocate(size.get(JAVA_LONG, 0));
    ok("nvrtcGetPTX", program, ptx);
    module = load(ptx);
    long x = upload(3.0f);
    assertEquals(0, launch("scale", 1, 1, 0, x, 2.0f, 1));
    assertEquals(6.0f, download(x, 1)[0]);
    Emulator.setCapability(7, 5, 64 * 1024);
    assertEquals(NO_BINARY, call("cuModuleLoadData", arena.allocate(ADDRESS), ptx));
  }

  @Test
  void failuresComeWhenTheyArePlanned() {
    MemorySegment pointer = arena.allocate(ADDRESS);
    Emulator.fail("cuMemAlloc", 1, OUT_OF_MEMORY);
    assertEquals(0, call("cuMemAlloc_v2", pointer, 4L));
    assertEquals(OUT_OF_MEMORY, call("cuMemAlloc_v2", pointer, 4L));
    assertEquals(0, call("cuMemAlloc_v2", pointer, 4L));
    Emulator.lose("cuStreamSynchronize", 0, LAUNCH_FAILED);
    assertEquals(0, call("cuCtxSynchronize"));
    assertEquals(LAUNCH_FAILED, call("cuStreamSynchronize", MemorySegment.NULL));
    assertEquals(LAUNCH_FAILED, call("cuCtxSynchronize"));
    assertEquals(LAUNCH_FAILED, call("cuMemAlloc_v2", pointer, 4L));
    Emulator.reset();
    enter(0);
    assertEquals(0, call("cuCtxSynchronize"));
    assertEquals(0, Emulator.allocated());
  }

  @Test
  @SuppressWarnings("restricted")
  void devicesAreApart() {
    MemorySegment count = arena.allocate(JAVA_INT);
    ok("cuDeviceGetCount", count);
    assertEquals(2, count.get(JAVA_INT, 0));
    MemorySegment name = arena.allocate(64);
    ok("cuDeviceGetName", name, 64, 1);
    assertEquals("Emulated GPU 1", name.getString(0));
    long x = allocate(4);
    enter(1);
    assertEquals(INVALID_VALUE, call("cuMemcpyHtoD_v2", x, arena.allocate(4), 4L));
    assertEquals(
        INVALID_HANDLE, launch("scale", 1, 1, 0, x, 1.0f, 1), "a module of the other device");
    MemorySegment text = arena.allocate(ADDRESS);
    ok("cuGetErrorName", OUT_OF_MEMORY, text);
    assertEquals("CUDA_ERROR_OUT_OF_MEMORY", text.get(ADDRESS, 0).reinterpret(64).getString(0));
  }

  @Test
  @SuppressWarnings("restricted")
  void theThreeLibrariesAreOne() {
    MemorySegment first = null;
    for (String name : Emulator.NAMES) {
      MemorySegment found =
          SymbolLookup.libraryLookup(Emulator.folder().resolve(name), arena)
              .findOrThrow("emulatorReset");
      assertFalse(found.equals(MemorySegment.NULL));
      assertEquals(first == null ? found : first, found);
      first = found;
    }
    assertNotEquals(null, first);
  }

  // ---- Calls

  private MemorySegment compiled(String architecture, String source) {
    MemorySegment program = program(source);
    assertEquals(0, compile(program, architecture));
    MemorySegment size = arena.allocate(JAVA_LONG);
    ok("nvrtcGetCUBINSize", program, size);
    MemorySegment cubin = arena.allocate(size.get(JAVA_LONG, 0), 16);
    ok("nvrtcGetCUBIN", program, cubin);
    MemorySegment pointer = arena.allocateFrom(ADDRESS, program);
    ok("nvrtcDestroyProgram", pointer);
    return cubin;
  }

  private MemorySegment program(String source) {
    MemorySegment program = arena.allocate(ADDRESS);
    ok(
        "nvrtcCreateProgram",
        program,
        arena.allocateFrom(source),
        arena.allocateFrom("kernels.cu"),
        1,
        arena.allocateFrom(ADDRESS, arena.allocateFrom(HEADER)),
        arena.allocateFrom(ADDRESS, arena.allocateFrom("sum.cuh")));
    return program.get(ADDRESS, 0);
  }

  private int compile(MemorySegment program, String architecture) {
    MemorySegment options = arena.allocate(ADDRESS, 3);
    options.setAtIndex(ADDRESS, 0, arena.allocateFrom("--gpu-architecture=" + architecture));
    options.setAtIndex(ADDRESS, 1, arena.allocateFrom("--std=c++17"));
    options.setAtIndex(ADDRESS, 2, arena.allocateFrom("-DUNUSED=1"));
    return call("nvrtcCompileProgram", program, 3, options);
  }

  private void enter(int device) {
    MemorySegment context = arena.allocate(ADDRESS);
    ok("cuDevicePrimaryCtxRetain", context, device);
    ok("cuCtxSetCurrent", context.get(ADDRESS, 0));
  }

  private MemorySegment load(MemorySegment cubin) {
    MemorySegment pointer = arena.allocate(ADDRESS);
    ok("cuModuleLoadData", pointer, cubin);
    return pointer.get(ADDRESS, 0);
  }

  private MemorySegment function(String name) {
    MemorySegment pointer = arena.allocate(ADDRESS);
    ok("cuModuleGetFunction", pointer, module, arena.allocateFrom(name));
    return pointer.get(ADDRESS, 0);
  }

  private MemorySegment stream() {
    return handle("cuStreamCreate", 1);
  }

  /**
   * Calls a function that gives a handle through its first or, for the end of a capture, last
   * argument.
   */
  private MemorySegment handle(String function, Object... arguments) {
    MemorySegment pointer = arena.allocate(ADDRESS);
    boolean last = function.equals("cuStreamEndCapture");
    Object[] all = new Object[arguments.length + 1];
    System.arraycopy(arguments, 0, all, last ? 0 : 1, arguments.length);
    all[last ? arguments.length : 0] = pointer;
    ok(function, all);
    return pointer.get(ADDRESS, 0);
  }

  private int launch(String kernel, int blocks, int threads, int shared, Object... parameters) {
    return launchOn(MemorySegment.NULL, kernel, blocks, threads, shared, parameters);
  }

  private int launchOn(
      MemorySegment stream,
      String kernel,
      int blocks,
      int threads,
      int shared,
      Object... parameters) {
    MemorySegment function = function(kernel);
    // Parameters are read at launch, so their memory may go.
    try (Arena call = Arena.ofConfined()) {
      MemorySegment pointers = call.allocate(ADDRESS, Math.max(1, parameters.length));
      for (int i = 0; i < parameters.length; i++) {
        MemorySegment value = call.allocate(8);
        switch (parameters[i]) {
          case Integer number -> value.set(JAVA_INT, 0, number);
          case Float number -> value.set(JAVA_FLOAT, 0, number);
          default -> value.set(JAVA_LONG, 0, (long) parameters[i]);
        }
        pointers.setAtIndex(ADDRESS, i, value);
      }
      return call(
          "cuLaunchKernel",
          function,
          blocks,
          1,
          1,
          threads,
          1,
          1,
          shared,
          stream,
          pointers,
          MemorySegment.NULL);
    }
  }

  private int gemm(MemorySegment blas, long x, int m, int n, int k, int lda, int ldb, int ldc) {
    return call("cublasSgemm_v2", blas, 0, 0, m, n, k, one(1), x, lda, x, ldb, one(0), x, ldc);
  }

  private MemorySegment one(float value) {
    return arena.allocateFrom(JAVA_FLOAT, value);
  }

  private long allocate(long bytes) {
    MemorySegment pointer = arena.allocate(JAVA_LONG);
    ok("cuMemAlloc_v2", pointer, bytes);
    return pointer.get(JAVA_LONG, 0);
  }

  private long upload(float... values) {
    long x = allocate(4L * values.length);
    ok("cuMemcpyHtoD_v2", x, arena.allocateFrom(JAVA_FLOAT, values), 4L * values.length);
    return x;
  }

  private float[] download(long x, int count) {
    MemorySegment back = arena.allocate(JAVA_FLOAT, count);
    ok("cuMemcpyDtoH_v2", back, x, 4L * count);
    return back.toArray(JAVA_FLOAT);
  }

  private void set(long x, int value, long count) {
    ok("cuMemsetD32Async", x, value, count, MemorySegment.NULL);
  }

  private static float[] normal(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private void ok(String function, Object... arguments) {
    assertEquals(0, call(function, arguments), function);
  }

  /** Calls a CUDA function that gives a code; the layouts are those of the arguments. */
  @SuppressWarnings("restricted")
  private int call(String function, Object... arguments) {
    MemoryLayout[] layouts =
        Arrays.stream(arguments)
            .map(
                argument ->
                    switch (argument) {
                      case Integer i -> (MemoryLayout) JAVA_INT;
                      case Long l -> JAVA_LONG;
                      case Float f -> JAVA_FLOAT;
                      default -> ADDRESS;
                    })
            .toArray(MemoryLayout[]::new);
    try {
      return (int)
          Linker.nativeLinker()
              .downcallHandle(
                  library.findOrThrow(function), FunctionDescriptor.of(JAVA_INT, layouts))
              .invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new AssertionError(function, e);
    }
  }
}
