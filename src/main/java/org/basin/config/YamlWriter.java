package org.basin.config;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** Writes {@link Node}s as YAML that reads back the same: groups as blocks, lists in one line. */
final class YamlWriter {
  private static final CoreSchema SCHEMA = new CoreSchema();

  private final StringBuilder out = new StringBuilder();

  private YamlWriter() {}

  /** {@code root} as a document. */
  static String write(Node.Mapping root) {
    YamlWriter writer = new YamlWriter();
    writer.block(root, "", "");
    return writer.out.toString();
  }

  private void block(Node.Mapping mapping, String path, String indent) {
    for (Map.Entry<String, Node.Entry> entry : mapping.entries().entrySet()) {
      String name = RecordBinder.join(path, entry.getKey());
      Node value = entry.getValue().value();
      out.append(indent).append(scalar(entry.getKey())).append(':');
      if (value instanceof Node.Mapping group && !group.entries().isEmpty()) {
        out.append('\n');
        block(group, name, indent + "  ");
      } else if (value instanceof Node.Sequence list
          && !list.items().isEmpty()
          && list.items().stream().allMatch(Node.Mapping.class::isInstance)) {
        out.append('\n');
        list.items()
            .forEach(each -> out.append(indent).append("  - ").append(flow(each, "")).append('\n'));
      } else if (value instanceof Node.Scalar scalar && isBlockText(scalar)) {
        out.append(scalar.text().endsWith("\n") ? " |\n" : " |-\n");
        scalar
            .text()
            .lines()
            .forEach(line -> out.append(line.isEmpty() ? "" : indent + "  " + line).append('\n'));
      } else {
        out.append(' ').append(flow(value, name)).append('\n');
      }
    }
  }

  /** Text of several lines that a literal block gives back as it is. */
  private static boolean isBlockText(Node.Scalar scalar) {
    String text = scalar.text();
    String body = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    return scalar.value() instanceof String
        && text.contains("\n")
        && !body.isEmpty()
        && body.equals(body.strip())
        && text.chars().allMatch(c -> c == '\n' || (c >= ' ' && c < 127));
  }

  private static String flow(Node node, String path) {
    return switch (node) {
      case Node.Mapping mapping ->
          mapping.entries().entrySet().stream()
              .map(e -> scalar(e.getKey()) + ": " + flow(e.getValue().value(), e.getKey()))
              .collect(Collectors.joining(", ", "{", "}"));
      case Node.Sequence list ->
          list.items().stream()
              .map(item -> flow(item, path))
              .collect(Collectors.joining(", ", "[", "]"));
      case Node.Scalar scalar -> {
        if (scalar.isNull()) {
          yield "null";
        }
        // A stored copy stands in another folder than the file it came from.
        boolean file = Settings.FILES.stream().anyMatch(path::endsWith) && !scalar.text().isEmpty();
        String text = file ? scalar.where().absolute(scalar.text()) : scalar.text();
        yield file || scalar.value() instanceof String ? scalar(text) : text;
      }
      case Node.Converted converted -> SettingValue.text(converted.value());
    };
  }

  /** Plain where YAML reads that as the same text, else quoted (JSON's strings are YAML's). */
  private static String scalar(String text) {
    boolean plain =
        text.matches("[A-Za-z0-9_./][A-Za-z0-9_./ ()+-]*")
            && !text.endsWith(" ")
            && SCHEMA.getScalarResolver().resolve(text, true).equals(Tag.STR);
    return plain ? text : new TextNode(text).toString();
  }
}
