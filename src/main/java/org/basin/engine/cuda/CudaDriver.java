package org.basin.engine.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * The functions of the CUDA driver API that the engine calls (CUDA Driver API reference, version
 * 12; version 13 keeps them all). Handles and device addresses are {@code long}. Every function
 * throws {@link CudaException} when the driver refuses.
 */
final class CudaDriver {
  /** Streams of several threads do not wait for each other. */
  private static final int STREAM_NON_BLOCKING = 1;

  /** Only the capturing thread's own calls can break a capture. */
  private static final int CAPTURE_THREAD_LOCAL = 1;

  /** A thread that waits sleeps: a dozen of them that spin would take the cores from the others. */
  private static final int SCHEDULE_BLOCKING = 4;

  private static final int MAX_DYNAMIC_SHARED_SIZE_BYTES = 8;

  private static final int OUT_OF_MEMORY = 2;

  private final MethodHandle errorName;
  private final MethodHandle errorString;
  private final MethodHandle init;
  private final MethodHandle driverVersion;
  private final MethodHandle deviceCount;
  private final MethodHandle device;
  private final MethodHandle deviceName;
  private final MethodHandle deviceAttribute;
  private final MethodHandle totalMemory;
  private final MethodHandle setContextFlags;
  private final MethodHandle retainContext;
  private final MethodHandle releaseContext;
  private final MethodHandle setContext;
  private final MethodHandle memoryInfo;
  private final MethodHandle allocate;
  private final MethodHandle free;
  private final MethodHandle allocateHost;
  private final MethodHandle freeHost;
  private final MethodHandle toDevice;
  private final MethodHandle toHost;
  private final MethodHandle onDevice;
  private final MethodHandle fill;
  private final MethodHandle streamCreate;
  private final MethodHandle streamDestroy;
  private final MethodHandle streamSynchronize;
  private final MethodHandle beginCapture;
  private final MethodHandle endCapture;
  private final MethodHandle instantiate;
  private final MethodHandle graphLaunch;
  private final MethodHandle graphExecDestroy;
  private final MethodHandle graphDestroy;
  private final MethodHandle moduleLoad;
  private final MethodHandle moduleUnload;
  private final MethodHandle moduleFunction;
  private final MethodHandle functionAttribute;
  private final MethodHandle launch;

  /**
   * Binds the driver's functions.
   *
   * @throws java.util.NoSuchElementException when the driver is too old to have them all
   */
  CudaDriver(NativeLibrary library) {
    errorName = library.function("cuGetErrorName", JAVA_INT, ADDRESS);
    errorString = library.function("cuGetErrorString", JAVA_INT, ADDRESS);
    init = library.function("cuInit", JAVA_INT);
    driverVersion = library.function("cuDriverGetVersion", ADDRESS);
    deviceCount = library.function("cuDeviceGetCount", ADDRESS);
    device = library.function("cuDeviceGet", ADDRESS, JAVA_INT);
    deviceName = library.function("cuDeviceGetName", ADDRESS, JAVA_INT, JAVA_INT);
    deviceAttribute = library.function("cuDeviceGetAttribute", ADDRESS, JAVA_INT, JAVA_INT);
    totalMemory = library.function("cuDeviceTotalMem_v2", ADDRESS, JAVA_INT);
    setContextFlags = library.function("cuDevicePrimaryCtxSetFlags_v2", JAVA_INT, JAVA_INT);
    retainContext = library.function("cuDevicePrimaryCtxRetain", ADDRESS, JAVA_INT);
    releaseContext = library.function("cuDevicePrimaryCtxRelease_v2", JAVA_INT);
    setContext = library.function("cuCtxSetCurrent", JAVA_LONG);
    memoryInfo = library.function("cuMemGetInfo_v2", ADDRESS, ADDRESS);
    allocate = library.function("cuMemAlloc_v2", ADDRESS, JAVA_LONG);
    free = library.function("cuMemFree_v2", JAVA_LONG);
    allocateHost = library.function("cuMemHostAlloc", ADDRESS, JAVA_LONG, JAVA_INT);
    freeHost = library.function("cuMemFreeHost", ADDRESS);
    toDevice = library.function("cuMemcpyHtoDAsync_v2", JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG);
    toHost = library.function("cuMemcpyDtoHAsync_v2", ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    onDevice = library.function("cuMemcpyDtoDAsync_v2", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    fill = library.function("cuMemsetD32Async", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
    streamCreate = library.function("cuStreamCreate", ADDRESS, JAVA_INT);
    streamDestroy = library.function("cuStreamDestroy_v2", JAVA_LONG);
    streamSynchronize = library.function("cuStreamSynchronize", JAVA_LONG);
    beginCapture = library.function("cuStreamBeginCapture_v2", JAVA_LONG, JAVA_INT);
    endCapture = library.function("cuStreamEndCapture", JAVA_LONG, ADDRESS);
    instantiate = library.function("cuGraphInstantiateWithFlags", ADDRESS, JAVA_LONG, JAVA_LONG);
    graphLaunch = library.function("cuGraphLaunch", JAVA_LONG, JAVA_LONG);
    graphExecDestroy = library.function("cuGraphExecDestroy", JAVA_LONG);
    graphDestroy = library.function("cuGraphDestroy", JAVA_LONG);
    moduleLoad = library.function("cuModuleLoadData", ADDRESS, ADDRESS);
    moduleUnload = library.function("cuModuleUnload", JAVA_LONG);
    moduleFunction = library.function("cuModuleGetFunction", ADDRESS, JAVA_LONG, ADDRESS);
    functionAttribute = library.function("cuFuncSetAttribute", JAVA_LONG, JAVA_INT, JAVA_INT);
    launch =
        library.function(
            "cuLaunchKernel",
            JAVA_LONG,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_LONG,
            ADDRESS,
            ADDRESS);
  }

  private void check(String function, NativeCall call) {
    int status = NativeCall.status(call);
    if (status != 0) {
      throw new CudaException(
          kind(status),
          "%s failed with %s (%s)"
              .formatted(function, describe(errorName, status), describe(errorString, status)));
    }
  }

  /** Errors after which the context answers every call with the same error. */
  private static CudaException.Kind kind(int status) {
    return switch (status) {
      case OUT_OF_MEMORY -> CudaException.Kind.OUT_OF_MEMORY;
      // unavailable, ECC error, NVLink error, contained error; illegal address, launch timeout,
      // context destroyed, assertion, hardware stack, illegal instruction, misaligned or invalid
      // address, launch failed, tensor memory; shared server gone; device outside CUDA; unknown
      case 46,
          214,
          220,
          226,
          700,
          702,
          709,
          710,
          714,
          715,
          716,
          717,
          718,
          719,
          721,
          810,
          911,
          999 ->
          CudaException.Kind.LOST;
      default -> CudaException.Kind.OTHER;
    };
  }

  private static String describe(MethodHandle text, int status) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(ADDRESS);
      int unknown = NativeCall.status(() -> (int) text.invokeExact(status, address));
      return unknown != 0 ? "error " + status : NativeLibrary.string(address.get(ADDRESS, 0));
    }
  }

  private int queryInt(String function, Query query) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(JAVA_INT);
      check(function, () -> query.status(value));
      return value.get(JAVA_INT, 0);
    }
  }

  private long queryLong(String function, Query query) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(JAVA_LONG);
      check(function, () -> query.status(value));
      return value.get(JAVA_LONG, 0);
    }
  }

  /** A native call that stores a value. */
  @FunctionalInterface
  private interface Query {
    int status(MemorySegment value) throws Throwable;
  }

  /** Starts the driver; fails where there is no GPU. */
  void init() {
    check("cuInit", () -> (int) init.invokeExact(0));
  }

  /** Newest CUDA version that the driver supports: 1000 major + 10 minor. */
  int version() {
    return queryInt("cuDriverGetVersion", value -> (int) driverVersion.invokeExact(value));
  }

  /** Number of GPUs that this process sees. */
  int deviceCount() {
    return queryInt("cuDeviceGetCount", value -> (int) deviceCount.invokeExact(value));
  }

  /** Handle of the GPU of a number. */
  int device(int ordinal) {
    return queryInt("cuDeviceGet", value -> (int) device.invokeExact(value, ordinal));
  }

  /** A GPU's name. */
  String deviceName(int device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(256);
      check(
          "cuDeviceGetName",
          () -> (int) deviceName.invokeExact(name, (int) name.byteSize(), device));
      return name.getString(0);
    }
  }

  /** A GPU's attribute, by its number in {@code CUdevice_attribute}. */
  int attribute(int device, int attribute) {
    return queryInt(
        "cuDeviceGetAttribute",
        value -> (int) deviceAttribute.invokeExact(value, attribute, device));
  }

  /** Bytes of a GPU's memory. */
  long totalMemory(int device) {
    return queryLong("cuDeviceTotalMem", value -> (int) totalMemory.invokeExact(value, device));
  }

  /** The context of a GPU that all of this process shares. */
  long retainContext(int device) {
    check(
        "cuDevicePrimaryCtxSetFlags",
        () -> (int) setContextFlags.invokeExact(device, SCHEDULE_BLOCKING));
    return queryLong(
        "cuDevicePrimaryCtxRetain", value -> (int) retainContext.invokeExact(value, device));
  }

  /** Gives back what {@link #retainContext} took. */
  void releaseContext(int device) {
    check("cuDevicePrimaryCtxRelease", () -> (int) releaseContext.invokeExact(device));
  }

  /** Makes a context that of the calling thread. */
  void setContext(long context) {
    check("cuCtxSetCurrent", () -> (int) setContext.invokeExact(context));
  }

  /** Bytes that are free on the calling thread's GPU. */
  long freeMemory() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment free = arena.allocate(JAVA_LONG);
      MemorySegment total = arena.allocate(JAVA_LONG);
      check("cuMemGetInfo", () -> (int) memoryInfo.invokeExact(free, total));
      return free.get(JAVA_LONG, 0);
    }
  }

  /** The address of {@code bytes} of the GPU's memory, aligned to 256 bytes. */
  long allocate(long bytes) {
    return queryLong("cuMemAlloc", value -> (int) allocate.invokeExact(value, bytes));
  }

  /** Frees memory that {@link #allocate} gave. */
  void free(long address) {
    check("cuMemFree", () -> (int) free.invokeExact(address));
  }

  /** {@code bytes} of page-locked host memory. */
  @SuppressWarnings("restricted") // native access is what this is for
  MemorySegment allocateHost(long bytes) {
    long address =
        queryLong("cuMemHostAlloc", value -> (int) allocateHost.invokeExact(value, bytes, 0));
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  /** Frees memory that {@link #allocateHost} gave. */
  void freeHost(MemorySegment memory) {
    check("cuMemFreeHost", () -> (int) freeHost.invokeExact(memory));
  }

  /** Copies to the GPU; {@code from} must stay until the stream is synchronised. */
  void copyToDevice(long to, MemorySegment from, long bytes, long stream) {
    check("cuMemcpyHtoDAsync", () -> (int) toDevice.invokeExact(to, from, bytes, stream));
  }

  /** Copies from the GPU; {@code to} holds it when the stream is synchronised. */
  void copyToHost(MemorySegment to, long from, long bytes, long stream) {
    check("cuMemcpyDtoHAsync", () -> (int) toHost.invokeExact(to, from, bytes, stream));
  }

  /** Copies on the GPU, between ranges that do not overlap. */
  void copyOnDevice(long to, long from, long bytes, long stream) {
    check("cuMemcpyDtoDAsync", () -> (int) onDevice.invokeExact(to, from, bytes, stream));
  }

  /** Sets {@code count} words of 32 bits. */
  void fill(long address, int word, long count, long stream) {
    check("cuMemsetD32Async", () -> (int) fill.invokeExact(address, word, count, stream));
  }

  /** A new stream of the calling thread's context. */
  long createStream() {
    return queryLong(
        "cuStreamCreate", value -> (int) streamCreate.invokeExact(value, STREAM_NON_BLOCKING));
  }

  /** Ends a stream when its work is done. */
  void destroyStream(long stream) {
    check("cuStreamDestroy", () -> (int) streamDestroy.invokeExact(stream));
  }

  /** Waits until all work of a stream is done. */
  void synchronize(long stream) {
    check("cuStreamSynchronize", () -> (int) streamSynchronize.invokeExact(stream));
  }

  /** From now on a stream's work is recorded, not done. */
  void beginCapture(long stream) {
    check(
        "cuStreamBeginCapture", () -> (int) beginCapture.invokeExact(stream, CAPTURE_THREAD_LOCAL));
  }

  /** Ends {@link #beginCapture}; returns the graph of what was recorded. */
  long endCapture(long stream) {
    return queryLong("cuStreamEndCapture", value -> (int) endCapture.invokeExact(stream, value));
  }

  /** Makes a graph ready to be launched. */
  long instantiate(long graph) {
    return queryLong(
        "cuGraphInstantiate", value -> (int) instantiate.invokeExact(value, graph, 0L));
  }

  /** Does the work of an instantiated graph. */
  void launchGraph(long executable, long stream) {
    check("cuGraphLaunch", () -> (int) graphLaunch.invokeExact(executable, stream));
  }

  /** Frees an instantiated graph. */
  void destroyExecutable(long executable) {
    check("cuGraphExecDestroy", () -> (int) graphExecDestroy.invokeExact(executable));
  }

  /** Frees a graph. */
  void destroyGraph(long graph) {
    check("cuGraphDestroy", () -> (int) graphDestroy.invokeExact(graph));
  }

  /**
   * Loads a cubin, or PTX as text that ends with a zero byte, into the calling thread's context.
   */
  long loadModule(byte[] image) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, image);
      return queryLong("cuModuleLoadData", value -> (int) moduleLoad.invokeExact(value, bytes));
    }
  }

  /** Unloads a module. */
  void unloadModule(long module) {
    check("cuModuleUnload", () -> (int) moduleUnload.invokeExact(module));
  }

  /** A kernel of a module. */
  long function(long module, String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocateFrom(name, StandardCharsets.UTF_8);
      return queryLong(
          "cuModuleGetFunction(" + name + ")",
          value -> (int) moduleFunction.invokeExact(value, module, text));
    }
  }

  /** Lets a kernel be launched with up to {@code bytes} of dynamic shared memory. */
  void allowSharedMemory(long function, int bytes) {
    check(
        "cuFuncSetAttribute",
        () -> (int) functionAttribute.invokeExact(function, MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes));
  }

  /**
   * Launches a kernel.
   *
   * @param arguments {@code Integer}, {@code Long} (addresses too), {@code Float} or {@code Double}
   *     in the order and of the types of the kernel's parameters
   */
  void launch(
      String name,
      long function,
      int gridX,
      int gridY,
      int block,
      int sharedBytes,
      long stream,
      Object... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(8L * arguments.length, 8);
      MemorySegment pointers =
          arena.allocate(MemoryLayout.sequenceLayout(arguments.length, ADDRESS));
      for (int i = 0; i < arguments.length; i++) {
        store(values, i, arguments[i]);
        pointers.setAtIndex(ADDRESS, i, values.asSlice(8L * i, 8));
      }
      check(
          "launching " + name,
          () ->
              (int)
                  launch.invokeExact(
                      function,
                      gridX,
                      gridY,
                      1,
                      block,
                      1,
                      1,
                      sharedBytes,
                      stream,
                      pointers,
                      MemorySegment.NULL));
    }
  }

  private static void store(MemorySegment values, int i, Object argument) {
    switch (argument) {
      case Integer value -> values.set(JAVA_INT, 8L * i, value);
      case Long value -> values.set(JAVA_LONG, 8L * i, value);
      case Float value -> values.set(JAVA_FLOAT, 8L * i, value);
      case Double value -> values.set(JAVA_DOUBLE, 8L * i, value);
      default -> throw new IllegalArgumentException("a kernel takes no " + argument.getClass());
    }
  }
}
