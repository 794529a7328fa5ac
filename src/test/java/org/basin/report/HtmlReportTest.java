package org.basin.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Comparisons;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.store.CompletedRun;
import org.basin.theory.StudyCatalog;
import org.basin.theory.StudyKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportTest {
  private static final Path SAMPLES = Path.of("target", "report-samples");

  @Test
  void asksTheNetworkForNothing() throws IOException {
    String page = page("double-descent", SyntheticRuns.doubleDescent(3).build());

    assertFalse(
        Pattern.compile("(src|href|action)\\s*=\\s*[\"']?\\s*(https?:)?//").matcher(page).find());
    assertFalse(Pattern.compile("@import|url\\(\\s*[\"']?https?:").matcher(page).find());
    assertFalse(page.contains("<link"));
    assertTrue(page.contains("default-src 'none'"));
  }

  @Test
  void everySlotIsFilled() throws IOException {
    String page = page("two-settings", SyntheticRuns.twoSettings(5).build());

    assertFalse(Pattern.compile("\\{\\{\\w+}}").matcher(page).find());
    assertTrue(page.contains("Apache Software Foundation"), "ECharts with its licence");
    assertTrue(page.contains("<title>double-descent"));
  }

  @Test
  void whatTheUserWroteCannotEndTheScript() throws IOException {
    String hostile = "</script><script>alert(1)</script><!-- {{payload}} & \"x\"";
    String page =
        page(
            "hostile",
            SyntheticRuns.onePoint(2).named(hostile, hostile).experiment(hostile).build());

    assertFalse(page.contains("alert(1)</script>"));
    assertEquals(3, Pattern.compile("</script").matcher(page).results().count());
    assertTrue(page.contains("&lt;/script&gt;&lt;script&gt;alert(1)"));
  }

  @Test
  void nothingNotFiniteIsInThePayload() throws IOException {
    String page =
        page(
            "diverged",
            SyntheticRuns.doubleDescent(3)
                .diverged(47, 1)
                .diverged(230, 0)
                .diverged(300, 0)
                .diverged(300, 1)
                .diverged(300, 2)
                .build());
    String payload = payload(page);

    assertFalse(payload.contains("NaN"));
    assertFalse(payload.contains("Infinity"));
    assertTrue(payload.contains("\"diverged\":5"));
  }

  @Test
  void incompleteRunSaysSo() throws IOException {
    String payload =
        payload(page("incomplete", SyntheticRuns.doubleDescent(3).without(17).build()));

    assertTrue(payload.contains("\"planned\":57,\"done\":40"));
  }

  @Test
  void emptyRunIsAPageToo() throws IOException {
    String payload = payload(page("empty", SyntheticRuns.onePoint(1).without(1).build()));

    assertTrue(payload.contains("\"planned\":1,\"done\":0"));
    assertTrue(payload.contains("\"series\":[]"));
  }

  @Test
  void drawsEveryKindOfSweep() throws IOException {
    page("one-seed", SyntheticRuns.doubleDescent(1).build());
    page("three-settings", SyntheticRuns.threeSettings(3).build());
    page("one-point", SyntheticRuns.onePoint(3).build());
    page(
        "smoothing",
        SyntheticRuns.over("training.labelSmoothing", List.of("0.0", "0.05", "0.1"), 3).build());
    page(
        "activation",
        SyntheticRuns.over("model.activation", List.of("relu", "tanh", "gelu"), 3).build());
    String validated = page("validation", SyntheticRuns.doubleDescent(3).earlyStopped(1).build());

    assertTrue(payload(validated).contains("\"earlyStopped\":19"));
  }

  @Test
  void thousandsOfReplicasStayModest() throws IOException {
    String page = page("large", SyntheticRuns.threeSettings(12).build());

    assertTrue(page.length() < 8_000_000, "page has " + page.length() + " characters");
  }

  /** The page with a section a probe, and the scripts that fill it in their order. */
  @Test
  void probesAreDrawn(@TempDir Path folder) throws IOException {
    SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
    scalars.put("trace", Uncertain.exact(3));
    String page =
        page(
            "probes",
            SyntheticRuns.doubleDescent(2)
                .withProbe(r -> new MeasuredProbes(folder).of(r, "hessian", scalars))
                .build());

    assertTrue(page.contains("<div id=\"landscape\" hidden></div>"));
    assertTrue(payload(page).contains("\"landscape\":[{\"key\":\"hessian\""));
    int at = 0;
    for (String script :
        List.of(
            "const report =",
            "const scalarFigures =",
            "const courseFigures =",
            "const spectrumFigures =",
            "const relief =",
            "const surfaceFigures =",
            "const theoryFigures =",
            "One section a probe")) {
      assertTrue(page.indexOf(script) > at, script);
      at = page.indexOf(script);
    }
  }

  /** Every study that there is, run with its defaults, and nothing trained. */
  @Test
  void studiesAlone(@TempDir Path folder) throws IOException {
    String payload = payload(page("studies", studies(folder, SyntheticRuns.withoutReplicas())));

    assertTrue(payload.contains("\"planned\":0,\"done\":0"));
    assertTrue(payload.contains("saddle-escape: 11 of 11 predictions hold."), payload);
    assertTrue(payload.contains("\"landscape\":[]"));
  }

  @Test
  void studiesBesideReplicas(@TempDir Path folder) throws IOException {
    page("studies-and-replicas", studies(folder, SyntheticRuns.doubleDescent(2)));
  }

  private static CompletedRun studies(Path folder, SyntheticRuns runs) {
    for (StudyKind<?> kind : StudyCatalog.STUDIES) {
      Measurement measured = kind.measure(kind.defaults(), new SplittableRandom(1));
      runs.withStudy(
          new MeasuredProbes(folder)
              .study(
                  kind.name(),
                  kind.name(),
                  ((Comparisons) measured.details()).comparisons(),
                  measured.tables().toArray(Table[]::new)));
    }
    return runs.named("saddles", "Leaving saddles, and coming to rest.").build();
  }

  private static String payload(String page) {
    int start = page.indexOf("<script type=\"application/json\"");
    return page.substring(start, page.indexOf("</script>", start));
  }

  /** The page, kept under target to be looked at. */
  private static String page(String name, CompletedRun run) throws IOException {
    StringWriter out = new StringWriter();
    HtmlReport.write(run, out);
    Files.createDirectories(SAMPLES);
    Files.writeString(SAMPLES.resolve(name + ".html"), out.toString());
    return out.toString();
  }
}
