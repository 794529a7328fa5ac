package org.basin.engine.cuda;

/**
 * A GPU, as the driver describes it.
 *
 * @param ordinal its number among those that this process sees
 * @param name the model's
 * @param capability compute capability, 10 major + minor
 * @param multiprocessors how many it has
 * @param sharedMemory bytes that a block may ask for at most
 * @param memory bytes
 * @param limitsTime whether it ends a kernel that runs for seconds, as one that shows a desktop
 *     does
 */
record GpuDescription(
    int ordinal,
    String name,
    int capability,
    int multiprocessors,
    int sharedMemory,
    long memory,
    boolean limitsTime) {
  // Numbers of CUdevice_attribute.
  private static final int MULTIPROCESSOR_COUNT = 16;
  private static final int KERNEL_EXECUTION_TIMEOUT = 17;
  private static final int CAPABILITY_MAJOR = 75;
  private static final int CAPABILITY_MINOR = 76;
  private static final int SHARED_MEMORY_OPT_IN = 97;

  /** Asks the driver. */
  static GpuDescription of(CudaDriver driver, int ordinal) {
    int device = driver.device(ordinal);
    return new GpuDescription(
        ordinal,
        driver.deviceName(device),
        10 * driver.attribute(device, CAPABILITY_MAJOR)
            + driver.attribute(device, CAPABILITY_MINOR),
        driver.attribute(device, MULTIPROCESSOR_COUNT),
        driver.attribute(device, SHARED_MEMORY_OPT_IN),
        driver.totalMemory(device),
        driver.attribute(device, KERNEL_EXECUTION_TIMEOUT) != 0);
  }

  @Override
  public String toString() {
    return "%s (compute capability %d.%d)".formatted(name, capability / 10, capability % 10);
  }
}
