package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class GatheringTest {
  private final List<List<String>> rounds = Collections.synchronizedList(new ArrayList<>());

  /** Strings, of the kind that their first letter says. */
  private Gathering<String> gathering(int members) {
    return new Gathering<>(
        members, call -> call.charAt(0), call -> call.startsWith("s"), rounds::add);
  }

  private static void pause(SplittableRandom random) {
    try {
      Thread.sleep(Duration.ofMillis(random.nextInt(3)));
    } catch (InterruptedException interrupt) {
      throw new IllegalStateException(interrupt);
    }
  }

  /** Member i asks so often, at a pace of its own, and leaves. */
  private static void run(Gathering<String> gathering, String... calls) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < calls.length; i++) {
        int member = i;
        SplittableRandom random = new SplittableRandom();
        all.add(
            threads.submit(
                () -> {
                  try {
                    for (char kind : calls[member].toCharArray()) {
                      pause(random);
                      gathering.ask(member, kind + Integer.toString(member));
                    }
                  } finally {
                    gathering.leave();
                  }
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
  }

  /**
   * Whatever their pace, rounds are those of their calls one by one; kinds by their first member.
   */
  @RepeatedTest(5)
  void whatIsAskedAtTheSameTimeIsAnsweredTogether() throws Exception {
    run(gathering(3), "aab", "abb", "a");
    assertEquals(
        List.of(List.of("a0", "a1", "a2"), List.of("a0"), List.of("b1"), List.of("b0", "b1")),
        rounds);
  }

  /** Who needs more steps is waited for, so that what follows is done together. */
  @RepeatedTest(5)
  void whoIsBehindIsAnsweredFirst() throws Exception {
    run(gathering(2), "assab", "asab");
    assertEquals(
        List.of(
            List.of("a0", "a1"),
            List.of("s0", "s1"),
            List.of("s0"),
            List.of("a1"),
            List.of("a0"),
            List.of("b0", "b1")),
        rounds);
  }

  @Test
  void aMemberAloneIsAnsweredAtOnce() throws Exception {
    run(gathering(1), "ab");
    assertEquals(List.of(List.of("a0"), List.of("b0")), rounds);
  }

  @Test
  void aFailureIsThatOfEveryoneWhoAskedTheSame() throws Exception {
    IllegalStateException failure = new IllegalStateException("lost");
    Gathering<String> gathering =
        new Gathering<>(
            3,
            call -> call.charAt(0),
            _ -> false,
            calls -> {
              if (calls.getFirst().startsWith("a")) {
                throw failure;
              }
              rounds.add(calls);
            });
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> first = threads.submit(() -> gathering.ask(0, "a0"));
      Future<?> second = threads.submit(() -> gathering.ask(1, "a1"));
      gathering.ask(2, "b2");
      assertSame(failure, assertThrows(ExecutionException.class, first::get).getCause());
      assertSame(failure, assertThrows(ExecutionException.class, second::get).getCause());
    }
    assertEquals(List.of(List.of("b2")), rounds);
  }

  @Test
  void whoIsInterruptedTakesItsCallBack() throws Exception {
    Gathering<String> gathering = gathering(2);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> interrupted =
          threads.submit(
              () -> {
                Thread.currentThread().interrupt();
                try {
                  gathering.ask(0, "a0");
                } finally {
                  assertTrue(Thread.currentThread().isInterrupted());
                  gathering.leave();
                }
              });
      assertInstanceOf(
          CancellationException.class,
          assertThrows(ExecutionException.class, interrupted::get).getCause());
      gathering.ask(1, "a1");
    }
    assertEquals(List.of(List.of("a1")), rounds);
  }
}
