package org.basin.store;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.basin.train.HistoryRow;

/** Results for tests. */
final class Results {
  private Results() {}

  static ReplicaResult result(String status, double testLoss) {
    return new ReplicaResult(
        ReplicaResult.SCHEMA_VERSION,
        status,
        "width=8",
        -3,
        123456789012L,
        8,
        10,
        2,
        100,
        3,
        0.1,
        1.0 / 3,
        1e-300,
        Double.NaN,
        Double.NaN,
        testLoss,
        0.5,
        1.25,
        "dl4j",
        "Some, \"quoted\" CPU",
        "float32",
        JsonNodeFactory.instance.objectNode().put("width", 8),
        "abc",
        "def");
  }

  static HistoryRow row(long step, double loss) {
    return new HistoryRow(step, 1, 0.1, loss, 0.5, Double.NaN, Double.NaN, loss, 0.25, loss);
  }

  static CompletedReplica replica(Map<String, String> varying, double testLoss) {
    return new CompletedReplica(
        "width=8/seed=-3",
        varying,
        result("completed", testLoss),
        List.of(),
        new LinkedHashMap<>());
  }
}
