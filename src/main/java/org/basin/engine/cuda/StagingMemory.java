package org.basin.engine.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Host memory that a stream's copies pass through. What is small and comes at every call passes
 * through page-locked memory, which the GPU reads by itself and which is kept; what is large and
 * comes once does not, since page-locked memory is scarce.
 */
final class StagingMemory implements AutoCloseable {
  private static final long ALIGNMENT = 16;

  /** Bytes of a page-locked block. */
  static final long BLOCK = 4L << 20;

  private final Gpu gpu;
  private final List<MemorySegment> blocks = new ArrayList<>();
  private int block; // that is being filled
  private long used; // of it
  private @Nullable Arena large; // until it is released, be it by another thread

  /** No memory yet. */
  StagingMemory(Gpu gpu) {
    this.gpu = gpu;
  }

  /** Takes {@code bytes}, which hold anything, until {@link #release}. */
  MemorySegment take(long bytes) {
    if (bytes > BLOCK) {
      if (large == null) {
        large = Arena.ofShared();
      }
      return large.allocate(bytes, ALIGNMENT);
    }
    if (used + bytes > BLOCK) {
      block++;
      used = 0;
    }
    if (block == blocks.size()) {
      blocks.add(gpu.takeStaging());
    }
    MemorySegment taken = blocks.get(block).asSlice(used, bytes);
    used += Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
    return taken;
  }

  /** All that was taken may be taken again: no copy passes through it any more. */
  void release() {
    block = 0;
    used = 0;
    releaseLarge();
  }

  private void releaseLarge() {
    if (large != null) {
      large.close();
      large = null;
    }
  }

  /** Gives all back; no copy passes through it any more. */
  @Override
  public void close() {
    releaseLarge();
    blocks.forEach(gpu::giveBackStaging);
  }
}
