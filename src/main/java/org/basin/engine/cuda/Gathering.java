package org.basin.engine.cuda;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Threads that do alike work side by side, and what they ask: when each of them has asked or has
 * left, those who are furthest behind are answered, what is of one kind together. So each goes on
 * as if it were alone, and what is answered together depends on what they ask, not on how fast they
 * come.
 *
 * <p>How far a thread is, is the number of its calls but for those that are repeated as often as it
 * takes: an iteration that one needs more steps of is waited for, and the next begun together.
 *
 * @param <C> what is asked, with room for the answer
 */
final class Gathering<C> {
  private final Function<C, Object> kind;
  private final Predicate<C> repeated;
  private final Consumer<List<C>> answers;
  private final List<Asked<C>> waiting = new ArrayList<>();
  private final int[] stages; // of each member
  private int present;

  /** A call of a member's. */
  private static final class Asked<C> {
    final int member;
    final C call;
    boolean taken; // by the thread that answers
    boolean answered;
    @Nullable Throwable failure;

    Asked(int member, C call) {
      this.member = member;
      this.call = call;
    }
  }

  /**
   * A gathering of threads, all of them present.
   *
   * @param members how many
   * @param kind calls of one kind are answered together
   * @param repeated which calls are a step of an iteration
   * @param answers answers calls of one kind, in the order of their members; what it throws, all of
   *     them throw
   */
  Gathering(
      int members, Function<C, Object> kind, Predicate<C> repeated, Consumer<List<C>> answers) {
    present = members;
    stages = new int[members];
    this.kind = kind;
    this.repeated = repeated;
    this.answers = answers;
  }

  /**
   * Returns when {@code call} is answered.
   *
   * @param member who asks, by number
   * @throws CancellationException when the thread was interrupted while it waited for others
   */
  void ask(int member, C call) {
    Asked<C> mine = new Asked<>(member, call);
    List<Asked<C>> all;
    synchronized (this) {
      waiting.add(mine);
      all = takeIfComplete();
    }
    answer(all);
    await(mine);
    if (mine.failure instanceof Error error) {
      throw error;
    }
    if (mine.failure instanceof RuntimeException failure) {
      throw failure;
    }
  }

  /** A member is gone, and others wait for it no longer. */
  void leave() {
    List<Asked<C>> all;
    synchronized (this) {
      present--;
      all = takeIfComplete();
    }
    answer(all);
  }

  /** The calls of those who are furthest behind, when everybody who is present waits. */
  private List<Asked<C>> takeIfComplete() {
    if (waiting.size() < present) {
      return List.of();
    }
    int stage = waiting.stream().mapToInt(each -> stages[each.member]).min().orElse(0);
    List<Asked<C>> behind =
        waiting.stream()
            .filter(each -> stages[each.member] == stage)
            .sorted(Comparator.comparingInt(each -> each.member))
            .toList();
    for (Asked<C> each : behind) {
      each.taken = true;
      stages[each.member] += repeated.test(each.call) ? 0 : 1;
    }
    waiting.removeAll(behind);
    return behind;
  }

  private void answer(List<Asked<C>> all) {
    Map<Object, List<Asked<C>>> kinds = new LinkedHashMap<>();
    for (Asked<C> each : all) {
      kinds.computeIfAbsent(kind.apply(each.call), _ -> new ArrayList<>()).add(each);
    }
    for (List<Asked<C>> alike : kinds.values()) {
      Throwable failure = null;
      try {
        answers.accept(alike.stream().map(each -> each.call).toList());
      } catch (RuntimeException | Error thrown) {
        failure = thrown;
      }
      synchronized (this) {
        for (Asked<C> each : alike) {
          each.failure = failure;
          each.answered = true;
        }
        notifyAll();
      }
    }
  }

  private synchronized void await(Asked<C> mine) {
    boolean interrupted = false;
    while (!mine.answered) {
      try {
        wait();
      } catch (InterruptedException interrupt) {
        if (!mine.taken) {
          waiting.remove(mine);
          Thread.currentThread().interrupt();
          throw new CancellationException("interrupted while waiting for others");
        }
        interrupted = true; // its arrays are in use: it must wait
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
