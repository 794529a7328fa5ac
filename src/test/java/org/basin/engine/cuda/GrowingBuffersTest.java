package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Buffers hold as many items as were asked for, and disturb nobody when they grow. */
class GrowingBuffersTest {

  /** After a call that failed, what it had enqueued may still be under way. */
  @Test
  void buffersThatGrowWaitForWhatUsesThem() throws InterruptedException {
    try (Bench bench = Bench.open();
        DeviceArena least = new DeviceArena(bench.gpu().memory());
        GrowingBuffers<DeviceArena.Words> buffers =
            new GrowingBuffers<>(bench.gpu().memory(), DeviceArena::reserve, least.reserve(1), 1);
        DeviceArena next = new DeviceArena(bench.gpu().memory());
        Stream stream = new Stream(bench.gpu());
        Stream others = new Stream(bench.gpu())) {
      assertFalse(buffers.reserve(stream, 1));
      assertTrue(buffers.reserve(stream, 64));
      stream.fill(buffers.buffers(), 1);
      long before = buffers.buffers().address();
      assertTrue(buffers.reserve(stream, 128));
      assertEquals(128, buffers.capacity());

      DeviceArena.Words words = next.reserve(64);
      next.allocate();
      assertEquals(before, words.address(), "the block that the buffers had");
      others.fill(words, 2);
      others.synchronize();
      stream.synchronize();
      float[] values = new float[2];
      others.read(words, 0, values);
      others.synchronize();
      assertArrayEquals(new float[] {2, 2}, values);
    }
  }
}
