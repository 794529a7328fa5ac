package org.basin.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.basin.execute.ProbeProgress;
import org.basin.execute.ProbeRunner;
import org.basin.landscape.ProbeRequest;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Measurement;
import org.basin.plan.Replica;
import org.basin.plan.SeedPairs;

/** Shows how measuring goes: a line a measurement, then a line a probe. */
final class ProbeDisplay implements ProbeProgress {
  /** Scalars that a line shows. */
  private static final int SHOWN = 3;

  private static final class Count {
    private int measured;
    private int present;
    private int elsewhere;
    private int failed;
    private long alone; // replicas without a partner, where pairs are measured
    private boolean pairs;
  }

  private final PrintWriter out;
  private final PrintWriter err;
  private final long total;
  private final Map<String, Count> counts = new LinkedHashMap<>();
  private int ended;

  /**
   * A display of {@code requests} at replicas.
   *
   * @param out where lines go
   * @param err where problems go
   */
  ProbeDisplay(
      PrintWriter out, PrintWriter err, List<Replica> replicas, List<ProbeRequest> requests) {
    this.out = out;
    this.err = err;
    long measured = 0;
    for (ProbeRequest request : requests) {
      measured += replicas.stream().filter(each -> ProbeRunner.measures(request, each)).count();
      Count count = count(request);
      count.pairs = request.betweenNetworks();
      count.alone =
          replicas.stream().filter(each -> SeedPairs.role(each) == SeedPairs.Role.ALONE).count();
    }
    total = measured;
  }

  private Count count(ProbeRequest request) {
    return counts.computeIfAbsent(request.kind().name(), name -> new Count());
  }

  @Override
  public synchronized void measured(
      Replica replica, ProbeRequest request, Measurement measurement, double seconds) {
    count(request).measured++;
    ended++;
    out.printf(
        Locale.ROOT,
        "%d/%d %s %s: %s; %.1f s%n",
        ended,
        total,
        replica.folder(),
        request.kind().name(),
        measurement.scalars().entrySet().stream()
            .limit(SHOWN)
            .map(scalar -> scalar.getKey() + " " + shown(scalar.getValue()))
            .collect(Collectors.joining(", ")),
        seconds);
    out.flush();
  }

  /** A number as a line shows it. */
  static String shown(Uncertain value) {
    String number =
        Double.isNaN(value.value())
            ? "none"
            : String.format(Locale.ROOT, "%.5g +- %.1g", value.value(), value.standardError());
    return value.converged() ? number : number + " (not converged)";
  }

  @Override
  public synchronized void present(Replica replica, ProbeRequest request) {
    count(request).present++;
    ended++;
  }

  @Override
  public synchronized void elsewhere(Replica replica, ProbeRequest request) {
    count(request).elsewhere++;
    ended++;
  }

  @Override
  public synchronized void failed(Replica replica, ProbeRequest request, String problem) {
    count(request).failed++;
    ended++;
    err.println("basin: " + problem);
    err.flush();
  }

  /** Whether nothing failed. */
  synchronized boolean allDone() {
    return counts.values().stream().allMatch(count -> count.failed == 0);
  }

  /** Whether nothing is there of what was asked for, and something failed. */
  synchronized boolean nothingDone() {
    return !allDone()
        && counts.values().stream().allMatch(count -> count.measured + count.present == 0);
  }

  /**
   * Says what happened.
   *
   * @param diverged replicas that were left out, since there is no network
   * @param missing replicas that are not trained yet
   */
  synchronized void closing(int diverged, int missing) {
    counts.forEach(
        (probe, count) ->
            out.printf(
                Locale.ROOT,
                "%s: %d measured, %d were there already%s%s%s%s%s%n",
                probe,
                count.measured,
                count.present,
                counted(count.failed, "failed"),
                counted(count.elsewhere, "left to another process"),
                counted(diverged, "left out: diverged"),
                counted(missing, "not trained yet"),
                count.pairs ? pairs(count) : ""));
    out.flush();
  }

  /** Says that measuring was stopped by a signal. */
  synchronized void stopped() {
    out.printf(
        Locale.ROOT,
        "stopped with %d of %d measurements there; the same command goes on from here%n",
        ended,
        total);
    out.flush();
  }

  /** Says that the engine is gone; {@code problem} is what was found. */
  synchronized void lost(String problem) {
    err.printf(
        Locale.ROOT,
        "basin: %s; %d of %d measurements are there, the same command goes on from here%n",
        problem,
        ended,
        total);
    err.flush();
  }

  private static String pairs(Count count) {
    return "; one a pair of seeds"
        + (count.alone == 0 ? "" : ", " + count.alone + " without a partner");
  }

  private static String counted(int count, String what) {
    return count == 0 ? "" : ", " + count + " " + what;
  }
}
