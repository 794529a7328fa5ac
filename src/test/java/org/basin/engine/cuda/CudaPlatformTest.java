package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.basin.train.Devices;
import org.basin.train.EngineOptions;
import org.basin.train.Precision;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a machine lacks is said in one line: what was found, what is needed, what to do. */
@EnabledOnOs(OS.LINUX)
final class CudaPlatformTest {
  private static final String REMEDY =
      "install the CUDA toolkit (12 or 13), or only its NVRTC and cuBLAS, and name their folder in"
          + " CUDA_HOME or with BASIN_JAVA_OPTIONS=-Dbasin.cuda.path=...";

  @TempDir Path folder;
  private FakeCuda machine;

  @BeforeEach
  void emptyMachine() {
    machine = new FakeCuda(folder);
  }

  private void assertProblem(String problem, FakeCuda machine) {
    CudaPlatform.Search search = machine.search();
    assertNull(search.platform());
    assertEquals(problem, search.problem());
  }

  @Test
  void withoutADriver() {
    assertProblem(
        "there is no NVIDIA driver: libcuda.so.1 was not found; install the driver, version 525 or"
            + " newer",
        machine.nvrtc(13).cublas(13));
  }

  @Test
  void aDriverThatLacksAFunction() {
    assertProblem(
        "the NVIDIA driver %s/libcuda.so.1 is too old (Symbol not found: cuGraphInstantiateWithFlags);"
                .formatted(folder)
            + " install the driver, version 525 or newer",
        machine.driverWithout("cuGraphInstantiateWithFlags").nvrtc(12).cublas(12));
  }

  @Test
  void aDriverOfAnOlderCuda() {
    assertProblem(
        "the NVIDIA driver supports CUDA 11.8, 12.0 is needed; install the driver, version 525 or"
            + " newer",
        machine.driver(11_080, 80).nvrtc(12).cublas(12));
  }

  @Test
  void noGpu() {
    assertProblem(
        "the NVIDIA driver shows no GPU: cuInit failed with CUDA_ERROR_NO_DEVICE (no CUDA-capable"
            + " device); see whether nvidia-smi lists one, and whether CUDA_VISIBLE_DEVICES hides"
            + " it",
        machine.driver(13_000).nvrtc(13).cublas(13));
  }

  @Test
  void onlyOldGpus() {
    assertProblem(
        "compute capability 7.5 or newer is needed (Turing, 2018, and later), found: Fake GPU"
            + " (compute capability 7.0); take engine cpu",
        machine.driver(12_080, 70).nvrtc(12).cublas(12));
  }

  @Test
  void noLibraries() {
    assertProblem(
        "the NVIDIA driver supports CUDA 12.8, but neither libnvrtc.so.12 nor libcublas.so.12 was"
            + " found; "
            + REMEDY,
        machine.driver(12_080, 90));
  }

  /** A driver may be of a CUDA that is newer than all that are looked for. */
  @Test
  void noLibrariesForADriverOfTheFuture() {
    assertProblem(
        "the NVIDIA driver supports CUDA 15.0, but neither libnvrtc.so.13 nor libcublas.so.13 was"
            + " found; "
            + REMEDY,
        machine.driver(15_000, 120));
  }

  @Test
  void noCompiler() {
    assertProblem(
        "the NVIDIA driver supports CUDA 13.0, but of CUDA 13's libraries libnvrtc.so.13 was not"
            + " found; "
            + REMEDY,
        machine.driver(13_000, 90).cublas(13));
  }

  @Test
  void noProducts() {
    assertProblem(
        "the NVIDIA driver supports CUDA 13.0, but of CUDA 12's libraries libcublas.so.12 was not"
            + " found; "
            + REMEDY,
        machine.driver(13_000, 90).nvrtc(12));
  }

  @Test
  void librariesNewerThanTheDriver() {
    assertProblem(
        "the NVIDIA driver supports CUDA 12.8, but the libraries found are CUDA 13's; update the"
            + " driver, or install CUDA 12's libraries",
        machine.driver(12_080, 90).nvrtc(13).cublas(13));
  }

  @Test
  void aCompilerThatLacksAFunction() {
    assertProblem(
        "the NVIDIA driver supports CUDA 12.0, but %s/libnvrtc.so.12 is too old (Symbol not found:"
                .formatted(folder)
            + " nvrtcGetCUBIN); "
            + REMEDY,
        machine.driver(12_000, 90).nvrtcWithout(12, "nvrtcGetCUBIN").cublas(12));
  }

  private static CudaPlatform found(FakeCuda machine) {
    CudaPlatform.Search search = machine.search();
    assertNull(search.problem());
    return Objects.requireNonNull(search.platform());
  }

  /** Of two toolkits the one that is whole; the driver's GPUs by their numbers. */
  @Test
  void aMachineThatHasAll() {
    CudaPlatform platform = found(machine.driver(13_000, 90, 75).cublas(13).nvrtc(12).cublas(12));
    assertEquals(
        List.of("Fake GPU (compute capability 9.0)", "Fake GPU (compute capability 7.5)"),
        platform.gpus().stream().map(GpuDescription::toString).toList());
    assertEquals(List.of(0, 1), platform.gpus().stream().map(GpuDescription::ordinal).toList());
  }

  /** A machine with these GPUs, asked for some of them. */
  private CudaDevices devices(Precision precision, String devices, int... capabilities) {
    CudaPlatform.Search search = machine.driver(13_000, capabilities).nvrtc(13).cublas(13).search();
    return CudaDevices.of(search, new EngineOptions(Devices.parse(devices), precision));
  }

  private static void assertTaken(List<Integer> numbers, CudaDevices devices) {
    assertNull(devices.problem());
    assertEquals(numbers, devices.gpus().stream().map(GpuDescription::ordinal).toList());
    assertEquals(numbers.size(), devices.count());
  }

  private static void assertRefused(String problem, CudaDevices devices) {
    assertEquals(problem, devices.problem());
    assertEquals(0, devices.count());
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "cuda"})
  void everyGpuThatIsNewEnough(String devices) {
    CudaDevices taken = devices(Precision.FLOAT32, devices, 90, 70, 90, 75);
    assertTaken(List.of(0, 2, 3), taken);
    assertEquals(
        "3 GPUs: Fake GPU (compute capability 9.0), Fake GPU (compute capability 7.5)",
        taken.words());
  }

  @Test
  void thoseThatAreNamedInTheirOrder() {
    assertTaken(List.of(2, 0), devices(Precision.TF32, "cuda:2,0", 90, 75, 80));
  }

  @Test
  void aGpuThatIsNotThere() {
    assertRefused(
        "there is no GPU 7; this process sees 0: Fake GPU (compute capability 9.0), 1: Fake GPU"
            + " (compute capability 8.0)",
        devices(Precision.FLOAT32, "cuda:1,7", 90, 80));
  }

  @Test
  void aNamedGpuThatIsTooOld() {
    assertRefused(
        "compute capability 7.5 or newer is needed (Turing, 2018, and later), GPU 1 has less; this"
            + " process sees 0: Fake GPU (compute capability 9.0), 1: Fake GPU (compute capability"
            + " 7.0)",
        devices(Precision.FLOAT32, "cuda:0,1", 90, 70));
  }

  @Test
  void tf32OnAGpuThatHasNone() {
    assertRefused(
        "precision tf32 needs compute capability 8.0 or newer (Ampere, 2020, and later), GPU 1 has"
            + " less; this process sees 0: Fake GPU (compute capability 9.0), 1: Fake GPU (compute"
            + " capability 7.5)",
        devices(Precision.TF32, "auto", 90, 75));
  }
}
