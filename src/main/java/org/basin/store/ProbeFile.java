package org.basin.store;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.basin.InvalidInputException;
import org.basin.export.Safetensors;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.train.EngineDescription;
import org.jspecify.annotations.Nullable;

/**
 * What a probe measured of one replica, {@code probes/<probe>.json}; what is not finite is {@code
 * null}. Tables stand beside it in {@code <probe>-<table>.csv}, vectors of the parameters' length
 * in {@code <probe>.safetensors}.
 *
 * <pre>
 * {"schemaVersion": 2, "identity": what decides the numbers, "device", "precision", "seconds",
 *  "scalars": {name: {"value", "standardError", "converged", "sources": [...]}},
 *  "tables": [names], "details": the probe's own record}
 * </pre>
 */
public final class ProbeFile {
  /** Version of the file's form. */
  public static final int SCHEMA_VERSION = 2;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(
              new SimpleModule()
                  .addSerializer(double.class, new ResultFile.FiniteOrNull())
                  .addSerializer(Double.class, new ResultFile.FiniteOrNull())
                  .addSerializer(new LowerCase()))
          .build();

  private final Path folder;
  private final String probe;
  private final Path file;

  ProbeFile(Path folder, String probe) {
    this.folder = folder;
    this.probe = probe;
    this.file = folder.resolve(probe + ".json");
  }

  private record Content(
      int schemaVersion,
      ProbeIdentity identity,
      String device,
      String precision,
      double seconds,
      Map<String, Uncertain> scalars,
      List<String> tables,
      @Nullable Record details) {}

  /** Whether there is a measurement, whole or not. */
  public boolean exists() {
    return Files.exists(file);
  }

  /**
   * Why what is there is not a measurement of {@code identity}; null when it is one.
   *
   * @throws InvalidInputException when the file cannot be read, is damaged or of another version
   */
  public @Nullable String differenceFrom(ProbeIdentity identity) {
    JsonNode content = content();
    JsonNode held = content.path("identity");
    JsonNode wanted = JSON.valueToTree(identity);
    int version = held.path("version").asInt();
    if (version != identity.version()) {
      return "%s was measured by version %d of the probe, this is version %d"
          .formatted(file, version, identity.version());
    }
    for (Map.Entry<String, JsonNode> part : wanted.properties()) {
      JsonNode before = held.path(part.getKey());
      if (!before.equals(reread(part.getValue()))) {
        return "%s was measured with another %s".formatted(file, part.getKey());
      }
    }
    return null;
  }

  /** Numbers as they come back from a file: an int and a long of one value are equal then. */
  private static JsonNode reread(JsonNode node) {
    try {
      return JSON.readTree(JSON.writeValueAsBytes(node));
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /**
   * Reads the measurement.
   *
   * @throws InvalidInputException when it is missing, damaged or of another version
   */
  public ProbeResult read() {
    JsonNode content = content();
    SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
    content
        .path("scalars")
        .properties()
        .forEach(scalar -> scalars.put(scalar.getKey(), uncertain(scalar.getValue())));
    List<String> tables = new ArrayList<>();
    content.path("tables").forEach(name -> tables.add(name.asText()));
    JsonNode details = content.path("details");
    return new ProbeResult(
        probe,
        content.path("identity"),
        content.path("seconds").asDouble(),
        scalars,
        details.isObject() ? details : MissingNode.getInstance(),
        tables,
        folder);
  }

  private JsonNode content() {
    try {
      JsonNode content = JSON.readTree(Files.readAllBytes(file));
      int version = content.path("schemaVersion").asInt(-1);
      if (version != SCHEMA_VERSION) {
        throw new InvalidInputException(
            version < 0
                ? file + " is damaged: it names no schemaVersion"
                : "%s has schema version %d, this Basin reads %d"
                    .formatted(file, version, SCHEMA_VERSION));
      }
      if (!content.path("scalars").isObject()) {
        throw new InvalidInputException(file + " is damaged: it holds no scalars");
      }
      return content;
    } catch (JsonProcessingException damaged) {
      throw ResultFile.damaged(file.toString(), damaged);
    } catch (IOException failure) {
      throw new InvalidInputException(
          "cannot read " + file + ": " + WholeFile.reason(failure), failure);
    }
  }

  private static Uncertain uncertain(JsonNode node) {
    List<Uncertain.Contribution> sources = new ArrayList<>();
    for (JsonNode part : node.path("sources")) {
      double degrees = finiteOr(part.path("degreesOfFreedom"), Double.POSITIVE_INFINITY);
      double error = finiteOr(part.path("standardError"), Double.POSITIVE_INFINITY);
      String source = part.path("source").asText().toUpperCase(Locale.ROOT).replace('-', '_');
      sources.add(new Uncertain.Contribution(Uncertain.Source.valueOf(source), error, degrees));
    }
    return new Uncertain(
        finiteOr(node.path("value"), Double.NaN),
        finiteOr(node.path("standardError"), Double.POSITIVE_INFINITY),
        sources,
        node.path("converged").asBoolean());
  }

  private static double finiteOr(JsonNode node, double otherwise) {
    return node.isNumber() ? node.asDouble() : otherwise;
  }

  /**
   * Writes what was measured, in place of what there is; the JSON file last.
   *
   * @param seconds that it took
   */
  public void write(
      ProbeIdentity identity, EngineDescription engine, double seconds, Measurement measured) {
    try {
      Files.createDirectories(folder);
      Files.deleteIfExists(file); // what it says is no longer what stands beside it
    } catch (IOException failure) {
      throw new InvalidInputException(
          "cannot write into " + folder + ": " + WholeFile.reason(failure), failure);
    }
    for (Table table : measured.tables()) {
      TableFile.write(TableFile.path(folder, probe, table.name()), table);
    }
    if (!measured.vectors().isEmpty()) {
      WholeFile.write(
          folder.resolve(probe + ".safetensors"),
          out -> Safetensors.write(new TreeMap<>(measured.vectors()), out));
    }
    Content content =
        new Content(
            SCHEMA_VERSION,
            identity,
            engine.device(),
            engine.precision(),
            seconds,
            measured.scalars(),
            measured.tables().stream().map(Table::name).toList(),
            measured.details());
    WholeFile.write(
        file, out -> out.write(JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(content)));
  }

  /** Constants as the experiment file spells them. */
  private static final class LowerCase extends StdSerializer<Enum<?>> {
    private static final long serialVersionUID = 1L;

    LowerCase() {
      super(Enum.class, false);
    }

    @Override
    public void serialize(Enum<?> value, JsonGenerator generator, SerializerProvider provider)
        throws IOException {
      generator.writeString(value.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
  }
}
