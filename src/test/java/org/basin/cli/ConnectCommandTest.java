package org.basin.cli;

import static org.basin.cli.BasinCommand.basin;
import static org.basin.cli.BasinCommand.files;
import static org.basin.cli.BasinCommand.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pairs of a run, by {@code basin probe}, and any two networks, by {@code basin connect}. */
final class ConnectCommandTest {
  private static final String EXPERIMENT =
      """
      name: paired
      data: {source: iris, labelNoise: {kind: redraw, fraction: 0.2}}
      model: {depth: 2, batchNorm: true}
      training: {epochs: 3, batchSize: 32}
      seeds: [5, 1, 9]
      sweep:
        grid:
          model.width: [3, 5]
      """;

  private static final Object[] PROBE = {
    "--probe=connectivity", "--set=curveSteps=10", "--set=points=5"
  };

  @TempDir Path folder;
  private Path run;

  @BeforeEach
  void train() {
    run = folder.resolve("run");
    BasinCommand trained = basin("run", write(folder, "x.yaml", EXPERIMENT), "--out", run);
    assertEquals(0, trained.code(), trained.err());
  }

  private BasinCommand probe() {
    return basin("probe", run, PROBE[0], PROBE[1], PROBE[2]);
  }

  private List<String> found(String suffix) {
    return files(run).stream().filter(file -> file.endsWith(suffix)).toList();
  }

  private Path replica(int width, int seed) {
    return found("width=%d-".formatted(width), "/seed=%d/result.json".formatted(seed)).getParent();
  }

  private Path found(String start, String end) {
    return files(run).stream()
        .filter(file -> file.startsWith(start) && file.endsWith(end))
        .map(run::resolve)
        .findFirst()
        .orElseThrow();
  }

  private static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }

  @Test
  void aPairIsMeasuredOnceInTheFolderOfItsFirst() throws IOException {
    BasinCommand probe = probe();
    assertEquals(0, probe.code(), probe.err());
    assertEquals(3, probe.out().lines().count(), probe.out());
    assertTrue(probe.out().contains("2/2 "), probe.out());
    assertTrue(
        probe
            .out()
            .endsWith(
                "connectivity: 2 measured, 0 were there already; one a pair of seeds, 2 without a"
                    + " partner\n"),
        probe.out());
    List<String> measured = found("connectivity.json");
    assertEquals(2, measured.size());
    assertTrue(measured.stream().allMatch(file -> file.contains("seed=1/")), measured.toString());
    JsonNode written = json(run.resolve(measured.getFirst()));
    JsonNode partner = written.at("/identity/partner");
    assertEquals(5, partner.get("seed").asInt());
    assertEquals(
        json(replica(3, 5).resolve("result.json")).get("dataHash"), partner.get("dataHash"));
    assertFalse(partner.get("dataHash").equals(written.at("/identity/dataHash")));
    assertEquals("batch", written.at("/identity/objective/batchNorm").asText());
    assertEquals(5, written.at("/details/partnerSeed").asInt());
    assertTrue(written.at("/scalars/trainLossBarrier/value").isNumber());

    BasinCommand again = probe();
    assertEquals(
        "connectivity: 0 measured, 2 were there already; one a pair of seeds, 2 without a"
            + " partner\n",
        again.out());
    assertEquals(0, again.code());

    BasinCommand collected = basin("collect", run);
    assertEquals(0, collected.code(), collected.err());
    assertFalse(collected.err().contains("left out"), collected.err());
    List<String> rows = Files.readAllLines(run.resolve("results.csv"));
    assertTrue(rows.getFirst().contains("connectivity.alignedTrainLossBarrier"));
    assertTrue(basin("report", run).code() == 0);
  }

  @Test
  void statusCountsPairs() throws IOException {
    Path file = write(folder, "y.yaml", EXPERIMENT + "probes: [connectivity: {curveSteps: 5}]\n");
    BasinCommand ran = basin("run", file, "--out", run);
    assertEquals(0, ran.code(), ran.err());
    assertTrue(
        basin("status", run).out().contains("connectivity: 2 of 2 pairs measured"),
        basin("status", run).out());
    Files.delete(replica(3, 5).resolve("result.json"));
    assertTrue(basin("status", run).out().contains("connectivity: 1 of 1 pairs measured"));
  }

  /** Other probes' files are as they were before there were pairs. */
  @Test
  void singleNetworksHaveNoPartner() throws IOException {
    assertEquals(0, basin("probe", run, "--probe=surface", "--set=points=3").code());
    JsonNode identity = json(run.resolve(found("surface.json").getFirst())).get("identity");
    assertFalse(identity.has("partner"), identity.toString());
  }

  @Test
  void anotherPartnerIsAnotherMeasurement() throws IOException {
    assertEquals(0, probe().code());
    for (String file : List.of("model.safetensors", "model.zip")) {
      Files.copy(
          replica(3, 9).resolve(file),
          replica(3, 5).resolve(file),
          StandardCopyOption.REPLACE_EXISTING);
    }
    BasinCommand again = probe();
    assertEquals(0, again.code(), again.err());
    assertTrue(again.out().contains("1 measured, 1 were there already"), again.out());
    assertTrue(again.err().contains("measured with another partner"), again.err());
  }

  @Test
  void aPartnerThatIsNotThereIsNamed() throws IOException {
    Path missing = replica(3, 5);
    Path damaged = replica(5, 5);
    Files.delete(missing.resolve("result.json"));
    Files.writeString(damaged.resolve("model.safetensors"), "x");
    BasinCommand probe = probe();
    assertEquals(2, probe.code(), probe.out()); // of two pairs, none is there
    assertTrue(
        probe.err().contains("seed=1 has no partner: " + missing + " is not trained yet"),
        probe.err());
    assertTrue(probe.err().contains("seed=1 has no partner: " + damaged), probe.err());
    assertTrue(probe.err().contains("model.safetensors is damaged"), probe.err());
    assertFalse(probe.err().contains("\tat "), probe.err());
    assertEquals(0, found("connectivity.json").size());
  }

  @Test
  void aPartnerThatDivergedIsNamed() throws IOException {
    Path result = replica(3, 5).resolve("result.json");
    String diverged = Files.readString(result).replace("completed", "diverged");
    Files.writeString(result, diverged);
    BasinCommand probe = probe();
    assertEquals(3, probe.code(), probe.out());
    assertTrue(
        probe
            .err()
            .contains("seed=1 has no partner: " + replica(3, 5) + " diverged: it holds no network"),
        probe.err());
    assertTrue(
        probe.out().contains("1 measured, 0 were there already, 1 failed, 1 left out: diverged"),
        probe.out());
    assertTrue(basin("status", run).out().contains("(1 diverged)"));
  }

  @Test
  void anyTwoNetworksOfOneShapeAreConnected() {
    List<String> before = files(folder);
    BasinCommand connected =
        basin(
            "connect", replica(3, 1), replica(3, 9), "--set=curves=polygon", "--set=curveSteps=5");
    assertEquals(0, connected.code(), connected.err());
    List<String> lines = connected.out().lines().toList();
    assertEquals("from " + replica(3, 1) + " to " + replica(3, 9), lines.get(0));
    assertEquals(
        "on 120 training and 30 test examples of the first; the second was trained on other data or"
            + " labels",
        lines.get(1));
    assertTrue(lines.get(2).matches("trainLossBarrier +[0-9.]+ \\+- .*"), lines.get(2));
    assertTrue(connected.out().contains("alignedDistance"));
    assertTrue(connected.out().contains("polygonTrainLossBarrier"));
    assertEquals(before, files(folder));

    BasinCommand same = basin("connect", replica(3, 1), replica(3, 1), "--set=curves=none");
    assertTrue(same.out().contains("examples of both\n"), same.out());
    assertTrue(
        same.out().lines().anyMatch(line -> line.matches("distance +0\\.?0* \\+- 0")), same.out());
  }

  /** The same pair by both commands has the same line; the probe's own draws decide no line. */
  @Test
  void connectAndProbeAgree() throws IOException {
    assertEquals(0, probe().code());
    Path measured = replica(5, 1).resolve("probes/connectivity.json");
    double barrier = json(measured).at("/scalars/alignedTrainLossBarrier/value").asDouble();
    BasinCommand connected =
        basin("connect", replica(5, 1), replica(5, 5), "--set=curveSteps=10", "--set=points=5");
    assertTrue(
        connected
            .out()
            .lines()
            .anyMatch(
                line ->
                    line.startsWith("alignedTrainLossBarrier ")
                        && line.contains(String.format(Locale.ROOT, " %.5g ", barrier))),
        connected.out());
  }

  @Test
  void whatCannotBeConnectedIsRefused() {
    assertRefused(
        "networks of different shapes cannot be connected: the list of hidden widths is [3, 3] of",
        replica(3, 1),
        replica(5, 1));
    Path other = folder.resolve("other");
    basin(
        "run",
        folder.resolve("x.yaml"),
        "--out",
        other,
        "--set=data.source=digits",
        "--set=seeds=1",
        "--set=model.batchNorm=false");
    Path digits =
        files(other).stream()
            .filter(each -> each.startsWith("width=3") && each.endsWith("result.json"))
            .map(each -> other.resolve(each).getParent())
            .findFirst()
            .orElseThrow();
    assertRefused(
        "the number of inputs is 4 of " + replica(3, 1) + ", but 64 of " + digits,
        replica(3, 1),
        digits);
    assertRefused(
        run + " is not a replica's folder; allowed: RUN/POINT/seed=N", run, replica(3, 1));
    assertRefused(
        "seed=2 is not a replica's folder; allowed: RUN/POINT/seed=N",
        replica(3, 1).resolveSibling("seed=2"),
        replica(3, 1));
    assertRefused(
        "probes.connectivity.points is 4, allowed: an odd number",
        replica(3, 1),
        replica(3, 5),
        "--set=points=4");
  }

  private static void assertRefused(String what, Object... arguments) {
    Object[] all = new Object[arguments.length + 1];
    all[0] = "connect";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    BasinCommand refused = basin(all);
    assertEquals(2, refused.code(), refused.out());
    assertTrue(refused.err().contains(what), refused.err());
    assertEquals("", refused.out());
  }
}
