package org.basin.config;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import org.snakeyaml.engine.v2.schema.Schema;

/**
 * Reads one YAML 1.2 document (core schema: {@code 1e-3} is a number, {@code no} is text) into
 * {@link Node}s, strictly: duplicate keys, aliases, tags of one's own and a second document are
 * errors with file and line.
 */
final class YamlReader {
  /** Deepest nesting allowed; the deepest setting of an experiment stands at 4. */
  private static final int MAX_DEPTH = 20;

  private static final Schema SCHEMA = new CoreSchema();

  private final Iterator<Event> events;
  private final IntFunction<Location> lines;

  private YamlReader(String text, IntFunction<Location> lines) {
    LoadSettings settings = LoadSettings.builder().setSchema(SCHEMA).build();
    this.events = new Parse(settings).parseString(text).iterator();
    this.lines = lines;
  }

  /** The mapping that the file {@code file} holds. */
  static Node.Mapping readFile(Path file) {
    Location whole = Location.of(file);
    Node root = read(content(file, whole), whole, whole::line);
    if (root instanceof Node.Mapping mapping) {
      return mapping;
    }
    if (root.isNull()) {
      throw whole.problem("is empty, allowed: an experiment, of which a name is the least");
    }
    throw whole.problem("is not an experiment, allowed: settings, each as 'key: value'");
  }

  /** The value that the text of one override holds; empty text is null. */
  static Node readValue(String text, Location where) {
    return read(text, where, line -> where);
  }

  private static String content(Path file, Location whole) {
    if (!Files.exists(file)) {
      throw whole.problem("does not exist");
    }
    if (!Files.isRegularFile(file)) {
      throw whole.problem("is not a file");
    }
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
              .toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException notText) {
      throw whole.problem("is not UTF-8 text", notText);
    } catch (IOException unreadable) {
      throw whole.problem("cannot be read: " + unreadable.getMessage(), unreadable);
    }
  }

  private static Node read(String text, Location whole, IntFunction<Location> lines) {
    try {
      return new YamlReader(text, lines).document(whole);
    } catch (MarkedYamlEngineException invalid) {
      throw lines
          .apply(lineOf(invalid.getProblemMark()))
          .problem("is not valid YAML: " + invalid.getProblem(), invalid);
    } catch (ReaderException invalid) {
      int line =
          1 + (int) text.codePoints().limit(invalid.getPosition()).filter(c -> c == '\n').count();
      throw lines
          .apply(line)
          .problem(
              "is not valid YAML: the character U+%04X is not allowed"
                  .formatted(invalid.getCodePoint()),
              invalid);
    } catch (YamlEngineException invalid) {
      throw whole.problem("is not valid YAML: " + invalid.getMessage(), invalid);
    }
  }

  private Node document(Location whole) {
    Node root = new Node.Scalar(null, "", whole);
    boolean seen = false;
    while (events.hasNext()) {
      Event event = events.next();
      switch (event.getEventId()) {
        case StreamStart, StreamEnd, DocumentEnd, Comment -> {}
        case DocumentStart -> {
          if (seen) {
            throw where(event).problem("a second document begins, allowed: one");
          }
          seen = true;
        }
        default -> root = node(event, 0);
      }
    }
    return root;
  }

  private Node node(Event event, int depth) {
    Location where = where(event);
    if (depth > MAX_DEPTH) {
      throw where.problem("is nested more than " + MAX_DEPTH + " deep");
    }
    return switch (event) {
      case ScalarEvent scalar -> scalar(scalar, where);
      case SequenceStartEvent start -> sequence(where, depth);
      case MappingStartEvent start -> mapping(where, depth);
      case AliasEvent alias ->
          throw where.problem(
              "*" + alias.getAlias() + " is an alias; aliases are not allowed, write the value");
      default -> throw new IllegalStateException("unexpected " + event);
    };
  }

  private Node sequence(Location where, int depth) {
    List<Node> items = new ArrayList<>();
    Event event = events.next();
    while (event.getEventId() != Event.ID.SequenceEnd) {
      items.add(node(event, depth + 1));
      event = events.next();
    }
    return new Node.Sequence(items, where);
  }

  private Node mapping(Location where, int depth) {
    SequencedMap<String, Node.Entry> entries = new LinkedHashMap<>();
    Event event = events.next();
    while (event.getEventId() != Event.ID.MappingEnd) {
      Location keyWhere = where(event);
      if (!(event instanceof ScalarEvent key)) {
        throw keyWhere.problem("a key is not text");
      }
      Node value = node(events.next(), depth + 1);
      if (entries.put(key.getValue(), new Node.Entry(keyWhere, value)) != null) {
        throw keyWhere.problem(key.getValue() + " is given twice in one group");
      }
      event = events.next();
    }
    return new Node.Mapping(entries, where);
  }

  private static Node scalar(ScalarEvent event, Location where) {
    String text = event.getValue();
    Tag tag =
        event
            .getTag()
            .map(Tag::new)
            .orElseGet(
                () ->
                    SCHEMA
                        .getScalarResolver()
                        .resolve(text, event.getImplicit().canOmitTagInPlainScalar()));
    try {
      return new Node.Scalar(value(tag, text, where), text, where);
    } catch (NumberFormatException notOne) {
      throw where.problem("'" + text + "' is tagged as a number and is none", notOne);
    }
  }

  private static @Nullable Object value(Tag tag, String text, Location where) {
    if (tag.equals(Tag.NULL)) {
      return null;
    } else if (tag.equals(Tag.BOOL)) {
      return Boolean.valueOf(text.toLowerCase(Locale.ROOT));
    } else if (tag.equals(Tag.INT)) {
      return wholeNumber(text);
    } else if (tag.equals(Tag.FLOAT)) {
      return number(text);
    } else if (tag.equals(Tag.STR)) {
      return text;
    }
    throw where.problem("the tag " + tag.getValue() + " is not allowed");
  }

  private static BigInteger wholeNumber(String text) {
    if (text.startsWith("0x")) {
      return new BigInteger(text.substring(2), 16);
    }
    return text.startsWith("0o") ? new BigInteger(text.substring(2), 8) : new BigInteger(text);
  }

  private static Double number(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case ".nan" -> Double.NaN;
      case ".inf", "+.inf" -> Double.POSITIVE_INFINITY;
      case "-.inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.valueOf(text);
    };
  }

  private Location where(Event event) {
    return lines.apply(lineOf(event.getStartMark()));
  }

  private static int lineOf(Optional<Mark> mark) {
    return mark.map(Mark::getLine).orElse(0) + 1;
  }
}
