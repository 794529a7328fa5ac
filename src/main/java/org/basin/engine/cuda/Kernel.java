package org.basin.engine.cuda;

/**
 * A kernel on a GPU.
 *
 * @param driver that launches it
 * @param name its own
 * @param function the driver's handle
 */
record Kernel(CudaDriver driver, String name, long function) {

  /** Lets it be launched with up to {@code bytes} of dynamic shared memory. */
  void allowSharedMemory(int bytes) {
    driver.allowSharedMemory(function, bytes);
  }

  /**
   * Launches it, for one thread of the kernel's x dimension an element at least.
   *
   * @param elements along x
   * @param rows blocks along y, up to 65,535
   * @param block threads a block
   * @param arguments as {@link CudaDriver#launch} takes them
   */
  void launch(Stream stream, long elements, int rows, int block, Object... arguments) {
    launchBlocks(stream, Math.toIntExact(Math.ceilDiv(elements, block)), rows, block, 0, arguments);
  }

  /**
   * Launches it.
   *
   * @param blocks along x
   * @param rows blocks along y, up to 65,535
   * @param block threads a block
   * @param sharedBytes of dynamic shared memory
   * @param arguments as {@link CudaDriver#launch} takes them
   */
  void launchBlocks(
      Stream stream, int blocks, int rows, int block, int sharedBytes, Object... arguments) {
    driver.launch(name, function, blocks, rows, block, sharedBytes, stream.handle(), arguments);
  }
}
