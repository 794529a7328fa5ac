package org.basin.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.basin.InvalidInputException;
import org.basin.export.Dl4jModelZip;
import org.basin.export.Safetensors;
import org.basin.landscape.ProbeCatalog;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.train.HistoryRow;
import org.basin.train.LossFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of one replica: its files, and the claim of the process that trains it.
 *
 * <p>{@code result.json} is written last: the replica is done exactly when it is there.
 */
public final class ReplicaFolder {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicaFolder.class);
  private static final String PROBES = "probes";
  static final String RESULT = "result.json";
  static final String HISTORY = "history.csv";
  static final String MODEL_ZIP = "model.zip";
  static final String MODEL_SAFETENSORS = "model.safetensors";

  private final Path folder;

  ReplicaFolder(Path folder) {
    this.folder = folder;
  }

  /** The folder's path. */
  public Path path() {
    return folder;
  }

  /** Whether {@code result.json} is there, whole or not. */
  public boolean hasResult() {
    return Files.exists(folder.resolve(RESULT));
  }

  /**
   * Reads {@code result.json}.
   *
   * @throws InvalidInputException when it is damaged or of another version
   */
  public ReplicaResult result() {
    return ResultFile.read(folder.resolve(RESULT));
  }

  /**
   * Reads {@code history.csv}.
   *
   * @throws InvalidInputException when it is missing or damaged
   */
  public List<HistoryRow> history() {
    return HistoryFile.read(folder.resolve(HISTORY));
  }

  /**
   * Reads the result and checks that what should stand beside it does.
   *
   * @throws InvalidInputException naming what is missing or damaged
   */
  public ReplicaResult verifiedResult() {
    ReplicaResult result = result();
    List<HistoryRow> history = history();
    long last = history.isEmpty() ? -1 : history.getLast().step();
    if (last != result.steps()) {
      throw new InvalidInputException(
          "%s is damaged: it ends at step %d, the result at %d"
              .formatted(folder.resolve(HISTORY), last, result.steps()));
    }
    if (!result.status().equals("diverged")) {
      ModelFiles.requireWholeZip(folder.resolve(MODEL_ZIP));
      ModelFiles.requireWholeSafetensors(folder.resolve(MODEL_SAFETENSORS));
    }
    return result;
  }

  /**
   * Claims the replica for this process.
   *
   * @return the claim, to be closed; null when another process holds it
   */
  public @Nullable Claim claim() {
    return Claim.tryTake(folder);
  }

  /** Removes the claim of a process that was killed between its last file and its tidying up. */
  public void removeStaleClaim() {
    if (Files.exists(folder.resolve(Claim.FILE))) {
      Claim claim = claim();
      if (claim != null) {
        claim.close();
      }
    }
  }

  /** Removes everything that an earlier attempt left, but the claim. */
  public void clear() {
    try (Stream<Path> files = Files.walk(folder)) {
      // Deepest first; the result before all others, so that nothing half-removed looks done.
      Files.deleteIfExists(folder.resolve(RESULT));
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(folder) && !file.getFileName().toString().equals(Claim.FILE)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException failure) {
      throw new InvalidInputException(
          "cannot clear " + folder + ": " + WholeFile.reason(failure), failure);
    }
  }

  /**
   * Writes a trained replica's files, the result last. A diverged network is not saved.
   *
   * @param learningRate the updater's rate in {@code model.zip}
   */
  public void write(
      MlpSpec spec,
      LossFunction loss,
      double learningRate,
      NetworkState state,
      List<HistoryRow> history,
      ReplicaResult result) {
    HistoryFile.write(folder.resolve(HISTORY), history);
    if (!result.status().equals("diverged")) {
      WholeFile.write(
          folder.resolve(MODEL_ZIP),
          out -> Dl4jModelZip.write(spec, loss, learningRate, state, out));
      WholeFile.write(
          folder.resolve(MODEL_SAFETENSORS), out -> Safetensors.write(spec, state, out));
    }
    ResultFile.write(folder.resolve(RESULT), result);
  }

  /**
   * Reads the trained network from {@code model.safetensors}.
   *
   * @throws InvalidInputException when it is missing, damaged, of another architecture, or holds a
   *     number that is not finite
   */
  public NetworkState model(MlpSpec spec) {
    Path file = folder.resolve(MODEL_SAFETENSORS);
    try {
      return Safetensors.read(spec, Files.readAllBytes(file), file.toString());
    } catch (IOException failure) {
      throw new InvalidInputException(
          "cannot read " + file + ": " + WholeFile.reason(failure), failure);
    }
  }

  /**
   * SHA-256, in hexadecimal, of {@code model.safetensors}.
   *
   * @throws InvalidInputException when it cannot be read
   */
  public String modelHash() {
    Path file = folder.resolve(MODEL_SAFETENSORS);
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return HexFormat.of().formatHex(digest);
    } catch (IOException failure) {
      throw new InvalidInputException(
          "cannot read " + file + ": " + WholeFile.reason(failure), failure);
    } catch (NoSuchAlgorithmException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }

  /** The file of a probe's measurement. */
  public ProbeFile probe(String name) {
    return new ProbeFile(folder.resolve(PROBES), name);
  }

  /** What probes measured, by name; one that cannot be read is left out, with a warning. */
  public SequencedMap<String, ProbeResult> probes() {
    SequencedMap<String, ProbeResult> results = new LinkedHashMap<>();
    for (String name : ProbeCatalog.names()) {
      ProbeFile file = probe(name);
      if (file.exists()) {
        try {
          results.put(name, file.read());
        } catch (InvalidInputException damaged) {
          LOG.warn("left out: {}", damaged.getMessage());
        }
      }
    }
    return results;
  }
}
