package org.basin.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ResultsTableTest {
  @Test
  void rowsComeBackFromACsvReader() {
    String csv =
        ResultsTable.csv(
            List.of("model.hidden", "data.n"),
            List.of(
                Results.replica(Map.of("model.hidden", "[64,32]", "data.n", "100"), 0.5),
                Results.replica(Map.of("model.hidden", "a\n\"b\""), Double.NaN)));
    List<NamedCsvRecord> rows = CsvReader.builder().ofNamedCsvRecord(csv).stream().toList();
    assertEquals(
        List.of("point", "seed", "model.hidden", "data.n", "status"),
        rows.getFirst().getHeader().subList(0, 5));
    assertEquals("[64,32]", rows.get(0).getField("model.hidden"));
    assertEquals("a\n\"b\"", rows.get(1).getField("model.hidden"));
    assertEquals("", rows.get(1).getField("data.n"), "this run does not vary it");
    assertEquals("Some, \"quoted\" CPU", rows.get(1).getField("device"));
    assertEquals("-3", rows.get(0).getField("seed"));
    assertEquals("0.5", rows.get(0).getField("testLoss"));
    assertEquals("", rows.get(1).getField("testLoss"));
    assertEquals("", rows.get(1).getField("validationError"));
    assertEquals(2, rows.size());
  }

  @Test
  void withoutRowsThereIsAHeader() {
    assertEquals(1, ResultsTable.csv(List.of(), List.of()).lines().count());
  }
}
