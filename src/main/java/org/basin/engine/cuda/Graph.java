package org.basin.engine.cuda;

/**
 * Recorded work, done again by one call.
 *
 * @param driver that launches it
 * @param executable the driver's handle
 */
record Graph(CudaDriver driver, long executable) implements AutoCloseable {

  /** Enqueues the recorded work. */
  void launch(Stream stream) {
    driver.launchGraph(executable, stream.handle());
  }

  @Override
  public void close() {
    driver.destroyExecutable(executable);
  }
}
