package org.basin.store;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.basin.InvalidInputException;
import org.basin.train.EngineDescription;

/**
 * What a probe measured of one replica, {@code probes/<probe>.json}; what is not finite is {@code
 * null}.
 *
 * <pre>
 * {"schemaVersion": 1, "request": what decides the numbers, "device", "precision", "seconds",
 *  "values": the probe's record}
 * </pre>
 */
public final class ProbeFile {
  /** Version of the file's form. */
  public static final int SCHEMA_VERSION = 1;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(
              new SimpleModule()
                  .addSerializer(double.class, new ResultFile.FiniteOrNull())
                  .addSerializer(new LowerCase()))
          .build();

  private final Path file;

  ProbeFile(Path file) {
    this.file = file;
  }

  private record Content(
      int schemaVersion,
      ProbeRequest request,
      String device,
      String precision,
      double seconds,
      Object values) {}

  /**
   * Whether exactly this was measured already.
   *
   * @throws InvalidInputException when the file is damaged or of another version
   */
  public boolean holds(ProbeRequest request) {
    if (!Files.exists(file)) {
      return false;
    }
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
      if (!content.path("values").isObject()) {
        throw new InvalidInputException(file + " is damaged: it holds no values");
      }
      return content.path("request").equals(JSON.readTree(JSON.writeValueAsBytes(request)));
    } catch (JsonProcessingException damaged) {
      throw ResultFile.damaged(file.toString(), damaged);
    } catch (IOException failure) {
      throw new InvalidInputException(
          "cannot read " + file + ": " + WholeFile.reason(failure), failure);
    }
  }

  /**
   * Writes what was measured, in place of what there is.
   *
   * @param seconds that it took
   * @param values the probe's record
   */
  public void write(ProbeRequest request, EngineDescription engine, double seconds, Object values) {
    try {
      Files.createDirectories(file.getParent());
    } catch (IOException failure) {
      throw new InvalidInputException(
          "cannot make " + file.getParent() + ": " + WholeFile.reason(failure), failure);
    }
    Content content =
        new Content(SCHEMA_VERSION, request, engine.device(), engine.precision(), seconds, values);
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
