package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Memory of a GPU is stated before it is taken, waited for, and given back whole. */
@Timeout(60)
class DeviceArenaTest {
  private static final long MIB = 1 << 20;
  private static final long TOTAL = 18 * MIB;

  private CudaDriver driver;
  private GpuMemory memory;

  @BeforeEach
  void twentyMebibytesOfWhichTheDriverKeepsTwo() {
    driver = Bench.platform().driver();
    Emulator.setMemory(20 * MIB);
    driver.setContext(driver.retainContext(0));
    memory = new GpuMemory(driver, new ReentrantLock(), 20 * MIB);
  }

  @AfterEach
  void everythingIsGivenBack() {
    if (driver != null) {
      assertEquals(TOTAL, memory.total());
      assertEquals(TOTAL, memory.free());
      memory.close();
      assertEquals(0, Emulator.allocated());
      Emulator.reset();
    }
  }

  private DeviceArena arena(long bytes) {
    DeviceArena arena = new DeviceArena(memory);
    arena.reserve(bytes / 4);
    return arena;
  }

  @Test
  void theSumIsKnownBeforeAnythingIsAllocated() throws InterruptedException {
    DeviceArena arena = new DeviceArena(memory);
    DeviceArena.Words empty = arena.reserve(0);
    DeviceArena.Words one = arena.reserve(1);
    DeviceArena.Words hundred = arena.reserve(100);
    DeviceArena.Words doubles = arena.reserveDoubles(33);
    assertEquals(256 + 256 + 512 + 512, arena.bytes());
    assertEquals(0, Emulator.allocated());
    assertEquals(TOTAL, memory.free());

    arena.allocate();
    assertEquals(arena.bytes(), Emulator.allocated());
    assertEquals(TOTAL - arena.bytes(), memory.free());
    assertEquals(0, empty.address() % 256);
    assertEquals(empty.address() + 256, one.address());
    assertEquals(one.address() + 256, hundred.address());
    assertEquals(hundred.address() + 512, doubles.address());
    assertEquals(hundred.address() + 4 * 99, hundred.address(99));
    assertEquals(8 * 33, doubles.bytes());
    assertThrows(IllegalStateException.class, () -> arena.reserve(1));
    arena.close();
    arena.close();
  }

  @Test
  void whatWouldNeverFitIsRefusedAtOnce() {
    DeviceArena arena = arena(TOTAL + 1024);
    CudaException failure = assertThrows(CudaException.class, arena::allocate);
    assertEquals(CudaException.Kind.OUT_OF_MEMORY, failure.kind());
    assertEquals("19 MiB of GPU memory are needed, available: 18 MiB", failure.getMessage());
    arena.close();
  }

  /** A thread that allocates ten mebibytes and closes them, or says what happened instead. */
  private final class Taker extends Thread {
    final CountDownLatch allocated = new CountDownLatch(1);
    final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final long context = driver.retainContext(0);

    @Override
    public void run() {
      driver.setContext(context);
      try (DeviceArena arena = arena(10 * MIB)) {
        arena.allocate();
        allocated.countDown();
      } catch (InterruptedException | CudaException happened) {
        failure.set(happened);
      }
    }

    void startAndWait() throws InterruptedException {
      start();
      while (getState() != State.WAITING) {
        Thread.sleep(1);
      }
    }
  }

  @Test
  void whatWouldFitLaterIsWaitedFor() throws InterruptedException {
    DeviceArena first = arena(10 * MIB);
    first.allocate();
    Taker taker = new Taker();
    taker.startAndWait();
    assertEquals(10 * MIB, Emulator.allocated());
    first.close();
    taker.join();
    assertEquals(null, taker.failure.get());
    assertEquals(0, taker.allocated.getCount());
    assertTrue(Emulator.peak() < TOTAL, "both were there at once");
  }

  @Test
  void whoIsInterruptedWhileWaitingTakesNothing() throws InterruptedException {
    try (DeviceArena first = arena(10 * MIB)) {
      first.allocate();
      Taker taker = new Taker();
      taker.startAndWait();
      taker.interrupt();
      taker.join();
      assertEquals(InterruptedException.class, taker.failure.get().getClass());
      assertEquals(10 * MIB, Emulator.allocated());
    }
  }

  @Test
  void whatTheDriverRefusesIsNotTaken() throws InterruptedException {
    Emulator.fail("cuMemAlloc", 0, 2);
    try (DeviceArena arena = arena(MIB)) {
      CudaException failure = assertThrows(CudaException.class, arena::allocate);
      assertEquals(CudaException.Kind.OUT_OF_MEMORY, failure.kind());
      assertEquals(TOTAL, memory.free());
      arena.allocate();
      assertEquals(MIB, Emulator.allocated());
    }
  }

  /** Allocates an arena and closes it. */
  private void use(long bytes) throws InterruptedException {
    try (DeviceArena arena = arena(bytes)) {
      arena.allocate();
    }
  }

  /** 5 and 5.5 MiB are three pages each; less than a page is its own size. */
  @Test
  void blocksOfOneSizeAreAllocatedOnce() throws InterruptedException {
    for (int i = 0; i < 5; i++) {
      use(5 * MIB + i * MIB / 8);
      use(MIB);
    }
    assertEquals(2, Emulator.calls("cuMemAlloc"));
    assertEquals(7 * MIB, Emulator.allocated());
    assertEquals(TOTAL, memory.free());
    try (DeviceArena first = arena(6 * MIB);
        DeviceArena second = arena(6 * MIB)) {
      first.allocate();
      assertEquals(TOTAL - 6 * MIB, memory.free());
      second.allocate(); // the one that is kept is taken
      assertEquals(3, Emulator.calls("cuMemAlloc"));
    }
    assertEquals(0, Emulator.calls("cuMemFree"), "which waits for the whole GPU");
    assertEquals(13 * MIB, Emulator.allocated());
  }

  @Test
  void keptBlocksMakeRoomForOneThatWouldNotFit() throws InterruptedException {
    use(4 * MIB);
    use(6 * MIB);
    use(8 * MIB);
    assertEquals(18 * MIB, Emulator.allocated());
    Emulator.setMemory(1L << 30); // others gave some back since, which is not this process's
    try (DeviceArena held = arena(4 * MIB);
        DeviceArena large = arena(14 * MIB)) {
      held.allocate();
      assertTrue(large.tryAllocate());
      assertEquals(2, Emulator.calls("cuMemFree"), "those that nobody holds");
      assertEquals(18 * MIB, Emulator.allocated());
      assertEquals(0, memory.free());
    }
    assertEquals(18 * MIB, Emulator.peak());
  }

  @Test
  void keptBlocksGoWhenTheDriverRefuses() throws InterruptedException {
    use(4 * MIB);
    Emulator.fail("cuMemAlloc", 0, 2);
    try (DeviceArena arena = arena(6 * MIB)) {
      arena.allocate();
      assertEquals(6 * MIB, Emulator.allocated());
    }
    // Twice is too often, and anything else than too little memory is not tried again.
    Emulator.fail("cuMemAlloc", 0, 2);
    Emulator.fail("cuMemAlloc", 0, 2);
    try (DeviceArena arena = arena(8 * MIB)) {
      assertFalse(arena.tryAllocate());
      assertEquals(0, Emulator.allocated());
    }
    use(4 * MIB);
    Emulator.fail("cuMemAlloc", 0, 801);
    try (DeviceArena arena = arena(8 * MIB)) {
      assertEquals(
          CudaException.Kind.OTHER, assertThrows(CudaException.class, arena::tryAllocate).kind());
      assertEquals(4 * MIB, Emulator.allocated());
    }
  }

  /** Who waits takes a block of the same size, or another that finds room without it. */
  @Test
  void whoWaitsIsWokenByABlockThatIsKept() throws InterruptedException {
    DeviceArena first = arena(10 * MIB);
    first.allocate();
    Taker taker = new Taker();
    taker.startAndWait();
    first.close();
    taker.join();
    assertEquals(null, taker.failure.get());
    assertEquals(1, Emulator.calls("cuMemAlloc"));
    DeviceArena other = arena(12 * MIB);
    other.allocate();
    taker = new Taker();
    taker.startAndWait();
    other.close();
    taker.join();
    assertEquals(null, taker.failure.get());
    assertEquals(10 * MIB, Emulator.allocated());
  }

  @Test
  void freeingWaitsUntilNobodyRecords() throws Exception {
    ReentrantLock recording = new ReentrantLock();
    memory = new GpuMemory(driver, recording, 20 * MIB);
    use(MIB);
    Thread closes =
        new Thread(
            () -> {
              driver.setContext(driver.retainContext(0));
              memory.close();
            });
    recording.lock();
    try {
      closes.start();
      while (!recording.hasQueuedThreads()) {
        Thread.sleep(1);
      }
      assertEquals(MIB, Emulator.allocated());
    } finally {
      recording.unlock();
    }
    closes.join();
    assertEquals(0, Emulator.allocated());
  }

  /** What fails is the work, or its wait, not the giving back; each block is freed once. */
  @Test
  void anArenaOfALostGpuIsGivenBack() throws InterruptedException {
    DeviceArena arena = arena(MIB);
    arena.allocate();
    use(MIB / 2);
    Emulator.lose("cuMemFree", 0, 719);
    arena.close();
    arena.close();
    assertEquals(TOTAL, memory.free());
    for (int block = 0; block < 2; block++) {
      CudaException failure = assertThrows(CudaException.class, memory::close);
      assertEquals(CudaException.Kind.LOST, failure.kind());
    }
    memory.close();
    Emulator.reset();
  }

  /** Two that each hold some and wait for more would wait for each other. */
  @Test
  void whoHoldsMemoryDoesNotWaitForMore() throws InterruptedException {
    try (DeviceArena second = arena(10 * MIB)) {
      DeviceArena first = arena(10 * MIB);
      first.allocate();
      String message = assertThrows(CudaException.class, second::allocate).getMessage();
      assertEquals(
          "10 MiB of GPU memory are needed beside what is in use, available: 8 MiB; start fewer at"
              + " once (--workers)",
          message);
      first.close();
      second.allocate();
    }
  }
}
