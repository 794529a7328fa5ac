package org.basin.engine.cuda;

/** A call of a native function that returns a status, through a handle whose types are checked. */
@FunctionalInterface
interface NativeCall {
  /** Makes the call. */
  int invoke() throws Throwable;

  /** The status of {@code call}; a handle of checked types throws nothing. */
  static int status(NativeCall call) {
    try {
      return call.invoke();
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }
}
