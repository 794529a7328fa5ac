package org.basin.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class ClaimTest {
  @TempDir Path folder;

  @Test
  void oneHolderAtATime() {
    Path replica = folder.resolve("width=8/seed=1");
    Claim claim = Claim.tryTake(replica);
    assertNotNull(claim);
    assertNull(Claim.tryTake(replica));
    assertNull(Claim.tryTake(folder.resolve("width=8/./seed=1")));
    claim.close();
    assertFalse(Files.exists(replica), "an empty folder is not left");
    try (Claim again = Claim.tryTake(replica)) {
      assertNotNull(again);
    }
  }

  @Test
  void aFolderWithFilesStays() throws IOException {
    try (Claim _ = Claim.take(folder)) {
      Files.writeString(folder.resolve("result.json"), "{}");
    }
    assertTrue(Files.exists(folder.resolve("result.json")));
    assertFalse(Files.exists(folder.resolve(".claim")));
  }

  @Test
  void threadsNeverHoldItTogether() throws Exception {
    AtomicInteger holders = new AtomicInteger();
    List<Future<Integer>> counts = new ArrayList<>();
    int[] taken = new int[1]; // guarded by the claim alone
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int t = 0; t < 4; t++) {
        counts.add(
            threads.submit(
                () -> {
                  int most = 0;
                  for (int i = 0; i < 10; i++) {
                    try (Claim _ = Claim.take(folder.resolve("a"))) {
                      most = Math.max(most, holders.incrementAndGet());
                      taken[0]++;
                      holders.decrementAndGet();
                    }
                  }
                  return most;
                }));
      }
      for (Future<Integer> most : counts) {
        assertEquals(1, most.get());
      }
    }
    assertEquals(40, taken[0]);
  }

  /** Another process that holds a claim until its input ends. */
  static final class Holder {
    public static void main(String[] arguments) throws IOException {
      try (Claim claim = Claim.tryTake(Path.of(arguments[0]))) {
        System.out.println(claim != null ? "held" : "refused");
        System.in.readAllBytes();
      }
    }
  }

  @Test
  void aProcessKeepsOthersOutUntilItDies() throws Exception {
    Process holder = hold();
    assertEquals("held", holder.inputReader().readLine());
    assertNull(Claim.tryTake(folder));
    Process second = hold();
    assertEquals("refused", second.inputReader().readLine());
    second.destroyForcibly().waitFor();
    assertNull(Claim.tryTake(folder), "the claim is still the first process's");
    holder.destroyForcibly().waitFor();
    assertTrue(Files.exists(folder.resolve(".claim")), "a killed process tidies nothing up");
    ReplicaFolder replica = new ReplicaFolder(folder);
    replica.removeStaleClaim();
    assertFalse(Files.exists(folder.resolve(".claim")));
  }

  private Process hold() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Holder.class.getName(),
            folder.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }
}
