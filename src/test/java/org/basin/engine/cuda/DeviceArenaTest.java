package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Memory of a GPU is stated before it is taken, waited for, and given back whole. */
@Timeout(60)
class DeviceArenaTest {
  private static final long MIB = 1 << 20;
  private static final long TOTAL = 9 * MIB;

  private CudaDriver driver;
  private GpuMemory memory;

  @BeforeEach
  void tenMebibytesOfWhichTheDriverKeepsOne() {
    driver = Bench.platform().driver();
    Emulator.setMemory(10 * MIB);
    driver.setContext(driver.retainContext(0));
    memory = new GpuMemory(driver, 10 * MIB);
  }

  @AfterEach
  void everythingIsGivenBack() {
    if (driver != null) {
      assertEquals(memory.total(), memory.free());
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
    assertEquals("10 MiB of GPU memory are needed, available: 9 MiB", failure.getMessage());
    arena.close();
  }

  /** A thread that allocates five mebibytes and closes them, or says what happened instead. */
  private final class Taker extends Thread {
    final CountDownLatch allocated = new CountDownLatch(1);
    final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final long context = driver.retainContext(0);

    @Override
    public void run() {
      driver.setContext(context);
      try (DeviceArena arena = arena(5 * MIB)) {
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
    DeviceArena first = arena(5 * MIB);
    first.allocate();
    Taker taker = new Taker();
    taker.startAndWait();
    assertEquals(5 * MIB, Emulator.allocated());
    first.close();
    taker.join();
    assertEquals(null, taker.failure.get());
    assertEquals(0, taker.allocated.getCount());
    assertTrue(Emulator.peak() < TOTAL, "both were there at once");
  }

  @Test
  void whoIsInterruptedWhileWaitingTakesNothing() throws InterruptedException {
    try (DeviceArena first = arena(5 * MIB)) {
      first.allocate();
      Taker taker = new Taker();
      taker.startAndWait();
      taker.interrupt();
      taker.join();
      assertEquals(InterruptedException.class, taker.failure.get().getClass());
      assertEquals(5 * MIB, Emulator.allocated());
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

  @Test
  void anArenaOfALostGpuIsGivenBackOnce() throws InterruptedException {
    DeviceArena arena = arena(MIB);
    arena.allocate();
    Emulator.lose("cuMemFree", 0, 719);
    CudaException failure = assertThrows(CudaException.class, arena::close);
    assertEquals(CudaException.Kind.LOST, failure.kind());
    arena.close();
    assertEquals(TOTAL, memory.free());
    assertFalse(Emulator.allocated() == 0);
    Emulator.reset();
  }

  /** Two that each hold some and wait for more would wait for each other. */
  @Test
  void whoHoldsMemoryDoesNotWaitForMore() throws InterruptedException {
    try (DeviceArena second = arena(5 * MIB)) {
      DeviceArena first = arena(5 * MIB);
      first.allocate();
      String message = assertThrows(CudaException.class, second::allocate).getMessage();
      assertEquals(
          "5 MiB of GPU memory are needed beside what is in use, available: 4 MiB; start fewer at"
              + " once (--workers)",
          message);
      first.close();
      second.allocate();
    }
  }
}
