package org.basin.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.basin.store.CompletedRun;

/**
 * The report of a sweep: one HTML file that holds its styles, its scripts (Apache ECharts among
 * them) and its data, and asks the network for nothing; its content security policy forbids it to.
 */
public final class HtmlReport {
  private static final String ECHARTS =
      "/META-INF/resources/_static/echarts/6.0.0/dist/echarts.min.js";

  /** Each uses what those before it define. */
  private static final List<String> LANDSCAPE_SCRIPTS =
      List.of(
          "scalars.js",
          "courses.js",
          "spectra.js",
          "relief.js",
          "surfaces.js",
          "theory.js",
          "landscape.js",
          "generalization.js");

  private static final Pattern SLOT = Pattern.compile("\\{\\{(\\w+)}}");
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private HtmlReport() {}

  /**
   * Writes the report of {@code run}, which may be incomplete or empty.
   *
   * @param out where the page goes, to be encoded as UTF-8; not closed
   * @throws IOException when {@code out} does
   */
  public static void write(CompletedRun run, Writer out) throws IOException {
    write(run, Catalog.ALL, out);
  }

  /** Writes it where these are the probes and studies that there are. */
  static void write(CompletedRun run, Catalog catalog, Writer out) throws IOException {
    String template = resource("report.html");
    Matcher slot = SLOT.matcher(template);
    int end = 0;
    // One pass over the template, so that what a user wrote is never taken for a slot.
    while (slot.find()) {
      out.write(template, end, slot.start() - end);
      out.write(
          switch (slot.group(1)) {
            case "title" -> escapeHtml(run.name());
            case "style" -> resource("report.css");
            case "payload" ->
                escapeScript(MAPPER.writeValueAsString(ReportPayload.of(run, catalog)));
            case "echarts" -> resource(ECHARTS);
            case "script" -> resource("report.js");
            case "landscape" -> landscapeScripts();
            default -> throw new IllegalStateException("unknown slot " + slot.group());
          });
      end = slot.end();
    }
    out.write(template, end, template.length() - end);
  }

  private static String landscapeScripts() throws IOException {
    StringBuilder scripts = new StringBuilder();
    for (String name : LANDSCAPE_SCRIPTS) {
      scripts.append(resource(name));
    }
    return scripts.toString();
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("not on the classpath: " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String escapeHtml(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** JSON that no {@code </script>} and no {@code <!--} inside a string can end. */
  private static String escapeScript(String json) {
    return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
  }
}
