package org.basin.engine.cuda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.basin.engine.cuda.CudaException.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What failures of the driver and of cuBLAS mean, and what is said of them. */
class CudaDriverTest {
  private CudaPlatform platform;
  private CudaDriver driver;

  @BeforeEach
  void open() {
    platform = Bench.platform();
    driver = platform.driver();
    driver.setContext(driver.retainContext(0));
  }

  @AfterEach
  void close() {
    if (platform != null) {
      Emulator.reset();
    }
  }

  private CudaException allocationThatFailsWith(int code) {
    Emulator.fail("cuMemAlloc", 0, code);
    return assertThrows(CudaException.class, () -> driver.allocate(64));
  }

  /** The driver's numbers, CUDA driver API, enum CUresult. */
  @ParameterizedTest
  @CsvSource({
    "2,OUT_OF_MEMORY",
    "46,LOST",
    "214,LOST",
    "220,LOST",
    "226,LOST",
    "700,LOST",
    "702,LOST",
    "710,LOST",
    "714,LOST",
    "715,LOST",
    "716,LOST",
    "717,LOST",
    "718,LOST",
    "719,LOST",
    "709,LOST",
    "721,LOST",
    "810,LOST",
    "911,LOST",
    "999,LOST",
    "1,OTHER",
    "200,OTHER",
    "209,OTHER",
    "400,OTHER",
    "500,OTHER",
    "900,OTHER",
    "12345,OTHER"
  })
  void kinds(int code, Kind kind) {
    assertEquals(kind, allocationThatFailsWith(code).kind());
    driver.free(driver.allocate(64)); // once
  }

  @Test
  void messagesNameTheCallAndTheError() {
    assertEquals(
        "cuMemAlloc failed with CUDA_ERROR_OUT_OF_MEMORY (out of memory)",
        allocationThatFailsWith(2).getMessage());
    assertEquals(
        "cuMemAlloc failed with error 12345 (error 12345)",
        allocationThatFailsWith(12345).getMessage());
  }

  @Test
  void afterALossEveryCallSaysSo() {
    long stream = driver.createStream();
    long memory = driver.allocate(64);
    Emulator.lose("cuStreamSynchronize", 0, 719);
    assertEquals(
        Kind.LOST, assertThrows(CudaException.class, () -> driver.synchronize(stream)).kind());
    assertEquals(Kind.LOST, assertThrows(CudaException.class, () -> driver.allocate(64)).kind());
    assertEquals(Kind.LOST, assertThrows(CudaException.class, () -> driver.free(memory)).kind());
  }

  @Test
  void aKernelThatReachesBehindItsMemoryLosesTheGpu() throws InterruptedException {
    Gpu gpu = new Gpu(platform, 0, EmulatedGpu.cache());
    Stream stream = new Stream(gpu);
    DeviceArena arena = new DeviceArena(gpu.memory());
    DeviceArena.Words x = arena.reserve(1024);
    arena.allocate();
    int rows = 1 << 20;
    gpu.kernel("activation.cu", "activate")
        .launch(stream, rows, 1, 256, x.address(), 0L, 0, rows, rows, 1, 1);
    CudaException failure = assertThrows(CudaException.class, stream::synchronize);
    assertEquals(Kind.LOST, failure.kind());
    assertTrue(failure.getMessage().contains("CUDA_ERROR_ILLEGAL_ADDRESS"), failure.getMessage());
  }

  @Test
  void kernelsTakeNumbersOfTheirOwnTypesOnly() {
    assertThrows(
        IllegalArgumentException.class, () -> driver.launch("none", 0, 1, 1, 32, 0, 0, (short) 1));
    assertEquals(
        "cuModuleLoadData failed with CUDA_ERROR_INVALID_IMAGE (device kernel image is invalid)",
        assertThrows(CudaException.class, () -> driver.loadModule("none".getBytes(UTF_8)))
            .getMessage());
  }

  /** cuBLAS's numbers, cublasStatus_t: whether the GPU is lost, the driver is asked. */
  @ParameterizedTest
  @CsvSource({"1,OTHER", "3,OUT_OF_MEMORY", "7,OTHER", "13,OTHER", "14,OTHER"})
  void kindsOfProducts(int status, Kind kind) {
    Emulator.fail("cublasCreate", 0, status);
    CudaException failure = assertThrows(CudaException.class, () -> platform.cublas().create());
    assertEquals(kind, failure.kind());
    assertTrue(failure.getMessage().endsWith("(" + status + ")"), failure.getMessage());
    assertTrue(failure.getMessage().contains("cublasCreate failed with CUBLAS_STATUS_"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void gpusAreDescribed(int devices) {
    Emulator.setDevices(devices);
    CudaPlatform found = EmulatedGpu.search().platform();
    assertEquals(devices, found.gpus().size());
    GpuDescription last = found.gpus().getLast();
    assertEquals("Emulated GPU %d (compute capability 9.0)".formatted(devices - 1), "" + last);
    assertEquals(227 * 1024, last.sharedMemory());
  }
}
