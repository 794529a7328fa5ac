package org.basin.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.basin.InvalidInputException;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Comparison;
import org.basin.measurement.Comparisons;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.store.Claim;
import org.basin.store.RunFolder;
import org.basin.store.StudyResult;
import org.basin.theory.StudyKind;
import org.basin.theory.StudyRequest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of studies, whoever runs them and however often. */
@Timeout(60)
final class StudyRunnerTest {
  @TempDir Path folder;

  private final Outcomes outcomes = new Outcomes();
  private RunFolder run;

  /** Options of the study of these tests. */
  record Tosses(int count) {
    static final Tosses DEFAULTS = new Tosses(10);
  }

  private static final class Outcomes implements StudyProgress {
    final Map<String, StudyResult> done = new ConcurrentHashMap<>();
    final Map<String, String> problems = new ConcurrentHashMap<>();
    final Set<String> elsewhere = ConcurrentHashMap.newKeySet();

    @Override
    public void done(StudyResult result) {
      done.put(result.label(), result);
    }

    @Override
    public void elsewhere(StudyRequest request) {
      elsewhere.add(request.label());
    }

    @Override
    public void failed(StudyRequest request, String problem) {
      problems.put(request.label(), problem);
    }
  }

  /** Tosses a coin, after {@code first} has looked at the options. */
  private static StudyKind<Tosses> coin(Consumer<Tosses> first) {
    return new StudyKind<>(
        "coin",
        1,
        "A coin shows heads half the time.",
        Tosses.DEFAULTS,
        (options, random) -> {
          first.accept(options);
          return toss(options.count(), random);
        },
        List.of());
  }

  private static Measurement toss(int count, SplittableRandom random) {
    Table.Builder table = new Table.Builder("tosses", "toss", "heads");
    int heads = 0;
    for (int i = 0; i < count; i++) {
      heads += random.nextInt(2);
      table.row(i, heads);
    }
    SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
    scalars.put("share", Uncertain.exact((double) heads / count));
    Comparison wrong = Comparison.ofExceptions("there are heads", heads, count, "tosses");
    return new Measurement(
        scalars, new Comparisons(List.of(wrong)), List.of(table.build()), Map.of());
  }

  private static StudyRequest request(String label, StudyKind<?> kind, int count, long seed) {
    return new StudyRequest(label, kind, new Tosses(count), seed);
  }

  @BeforeEach
  void prepare() {
    run = RunFolder.prepare(folder.resolve("run"), "x", "name: x\n", "");
  }

  /** Text of every file of the studies, without how long they took. */
  private static Map<String, String> texts(RunFolder run) throws IOException {
    Map<String, String> texts = new TreeMap<>();
    try (Stream<Path> files = Files.list(run.directory().resolve("studies"))) {
      for (Path file : files.toList()) {
        texts.put(
            file.getFileName().toString(),
            Files.readString(file).replaceAll("\"seconds\" : [^,]*,", ""));
      }
    }
    return texts;
  }

  @Test
  void theNumberOfWorkersChangesNoNumber() throws IOException {
    List<StudyRequest> requests =
        IntStream.range(0, 8)
            .mapToObj(i -> request("coin-" + i, coin(options -> {}), 100, i))
            .toList();
    new StudyRunner(run, outcomes).run(requests, 1);
    RunFolder other = RunFolder.prepare(folder.resolve("other"), "x", "name: x\n", "");
    new StudyRunner(other, outcomes).run(requests.reversed(), 4);
    Map<String, String> texts = texts(run);
    assertEquals(16, texts.size(), "a JSON file and a table each, nothing else");
    assertEquals(texts, texts(other));
    assertEquals(
        8, Set.copyOf(texts.values().stream().filter(t -> t.contains("toss,")).toList()).size());
    assertEquals(
        toss(100, new SplittableRandom(3)).scalars(), outcomes.done.get("coin-3").scalars());
  }

  @Test
  void aStudyThatFailsLeavesTheOthersAlone() throws IOException {
    StudyKind<Tosses> broken =
        coin(
            options -> {
              if (options.count() == 1) {
                throw new IllegalStateException("the coin is gone");
              } else if (options.count() == 2) {
                throw new InvalidInputException("count is 2, allowed: 3 or more");
              }
            });
    List<StudyRequest> requests =
        List.of(
            request("one", broken, 1, 1),
            request("two", broken, 2, 1),
            request("three", broken, 3, 1));
    new StudyRunner(run, outcomes).run(requests, 2);
    assertEquals(Set.of("three"), outcomes.done.keySet());
    assertEquals(
        Map.of(
            "one", "study one: java.lang.IllegalStateException: the coin is gone",
            "two", "study two: count is 2, allowed: 3 or more"),
        outcomes.problems);
    assertEquals(Set.of("three.json", "three-tosses.csv"), texts(run).keySet());
    assertEquals(List.of("three"), labels(StudyState.of(requests, run).done()));
    assertEquals(List.of("one", "two"), labels(StudyState.of(requests, run).toRun()));
  }

  private static List<String> labels(List<StudyRequest> requests) {
    return requests.stream().map(StudyRequest::label).toList();
  }

  @Test
  void whatIsOfOtherOptionsOrDamagedIsToBeRunAgain() throws IOException {
    StudyRequest request = request("coin", coin(options -> {}), 20, 1);
    new StudyRunner(run, outcomes).run(List.of(request), 1);
    assertEquals(List.of(request), StudyState.of(List.of(request), run).done());
    assertTrue(problem(request("coin", request.kind(), 21, 1)).endsWith("another options"));
    assertTrue(problem(request("coin", request.kind(), 20, 2)).endsWith("another seed"));
    Path file = run.directory().resolve("studies/coin.json");
    ObjectNode content = (ObjectNode) new ObjectMapper().readTree(file.toFile());
    Files.writeString(file, content.without("scalars").toString());
    assertTrue(problem(request).endsWith("coin.json is damaged: it holds no scalars"));
    new StudyRunner(run, outcomes).run(List.of(request), 1);
    assertEquals(List.of(request), StudyState.of(List.of(request), run).done());
  }

  private String problem(StudyRequest request) {
    StudyState state = StudyState.of(List.of(request), run);
    assertEquals(1, state.stale().size());
    return state.stale().getFirst().problem();
  }

  @Test
  void studiesThatAnotherProcessHasTakenAreLeftToIt() {
    List<StudyRequest> requests = List.of(request("coin", coin(options -> {}), 20, 1));
    try (Claim _ = run.claimStudies()) {
      new StudyRunner(run, outcomes).run(requests, 1);
    }
    assertEquals(Set.of("coin"), outcomes.elsewhere);
    new StudyRunner(run, outcomes).run(requests, 1);
    assertEquals(Set.of("coin"), outcomes.done.keySet());
  }

  /** Told of it by what it says, not measured again. */
  @Test
  void whatAnotherProcessHasDoneMeanwhileIsTaken() {
    CountDownLatch times = new CountDownLatch(2);
    StudyRequest request = request("coin", coin(options -> times.countDown()), 20, 1);
    new StudyRunner(run, outcomes).run(List.of(request), 1);
    outcomes.done.clear();
    new StudyRunner(run, outcomes).run(List.of(request), 1);
    assertEquals(1, times.getCount(), "measured once");
    assertEquals(Set.of("coin"), outcomes.done.keySet());
  }

  /** Studies look at no interruption; what they would have found is not waited for. */
  @Test
  void aRunnerThatIsStoppedLeavesNothingHalfDone() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    StudyKind<Tosses> endless =
        coin(
            options -> {
              begun.countDown();
              while (end.getCount() > 0) {
                Thread.onSpinWait();
              }
            });
    List<StudyRequest> requests =
        List.of(request("endless", endless, 5, 1), request("next", endless, 5, 2));
    StudyRunner runner = new StudyRunner(run, outcomes);
    Thread thread = Thread.ofPlatform().start(() -> runner.run(requests, 1));
    try {
      begun.await();
      runner.stop();
      thread.join();
    } finally {
      end.countDown();
    }
    assertTrue(runner.stopped());
    assertTrue(outcomes.done.isEmpty() && outcomes.problems.isEmpty());
    assertFalse(Files.exists(run.directory().resolve("studies")));
    new StudyRunner(run, outcomes).run(requests, 1);
    assertEquals(Set.of("endless", "next"), outcomes.done.keySet());
  }
}
