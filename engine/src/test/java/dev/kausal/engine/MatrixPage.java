package dev.kausal.engine;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.kausal.engine.MatrixCase.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;

/** docs/config-fields.md: what came of each case, by model_type and field. */
final class MatrixPage {
    private record Row(List<String> computed, List<String> refused) {
        Row() {
            this(new ArrayList<>(), new ArrayList<>());
        }

        String cell() {
            StringJoiner cell = new StringJoiner("; ");
            if (!computed.isEmpty()) {
                cell.add(String.join(", ", computed));
            }
            if (!refused.isEmpty()) {
                cell.add("**refused:** " + String.join(", ", refused));
            }
            return cell.toString();
        }
    }

    private final Map<String, Map<String, Row>> fields = new TreeMap<>();
    private final Map<String, Map<String, Row>> files = new TreeMap<>();
    private final JsonObject library;
    private int cases;

    MatrixPage() throws IOException {
        try (InputStream stream =
                MatrixPage.class.getResourceAsStream("/dev/kausal/engine/config/library-configs.json")) {
            library = JsonParser.parseReader(new InputStreamReader(stream, StandardCharsets.UTF_8))
                    .getAsJsonObject();
        }
    }

    /** Adds what came of a case that the library computes; of others it counts only that they are refused. */
    void add(String modelType, MatrixCase one, Outcome outcome) {
        cases++;
        if (!one.library().equals("computes") || one.name().equals("as it is")) {
            return;
        }
        Map<String, Map<String, Row>> part = one.field().isEmpty() ? files : fields;
        String field = one.field().isEmpty() ? one.name() : one.field();
        Row row = part.computeIfAbsent(modelType, type -> new LinkedHashMap<>())
                .computeIfAbsent(field, name -> new Row());
        String what = one.field().isEmpty() ? "as the library" : value(one);
        List<String> said = outcome instanceof Outcome.Equal ? row.computed() : row.refused();
        if (!said.contains(what)) {
            said.add(what);
        }
    }

    /** A case's name without its field's. */
    private static String value(MatrixCase one) {
        String name = one.name();
        return name.startsWith(one.field() + " ") ? name.substring(one.field().length() + 1) : name;
    }

    String text() {
        StringBuilder page =
                new StringBuilder("""
                # Config fields and files, against the library

                Config fields and weights files, compared with transformers on the tiny models. Each field of the library's
                configuration classes that changes the computation was omitted, set to null and set to other values, and the
                shapes of weights files were varied: %d cases. Kausal computes each case as %s does (within 5e-5, relative) or
                refuses it with a message that names the field. It also refuses files that the library cannot open or completes
                with weights of its own. Omitted fields get the defaults listed here, which are read from the library's classes
                (`bench/dump_config_fields.py`). These commands write the page:

                    bench/.venv/bin/python bench/make_matrix.py --models engine/src/test/resources/tiny --out engine/src/test/resources/matrix
                    mvn -B package -pl engine -Dtest=MatrixTest -Dkausal.matrix.write=true

                """.formatted(cases, library.get("library").getAsString()));
        fields.forEach((type, rows) -> table(page, type, rows));
        page.append("## Files\n\n| Case | Computed as the library does | Refused |\n| --- | --- | --- |\n");
        Map<String, Row> byCase = new LinkedHashMap<>();
        files.forEach((type, rows) -> rows.forEach((name, row) -> {
            Row all = byCase.computeIfAbsent(name, one -> new Row());
            (row.refused().isEmpty() ? all.computed() : all.refused()).add(type);
        }));
        byCase.forEach((name, row) -> page.append("| %s | %s | %s |\n"
                .formatted(name, String.join(", ", row.computed()), String.join(", ", row.refused()))));
        return page.toString();
    }

    private void table(StringBuilder page, String modelType, Map<String, Row> rows) {
        page.append("## ").append(modelType).append("\n\n| Field | Default | Cases |\n| --- | --- | --- |\n");
        JsonObject known =
                library.getAsJsonObject("models").getAsJsonObject(modelType).getAsJsonObject("defaults");
        rows.forEach((field, row) ->
                page.append("| `%s` | %s | %s |\n".formatted(field, shown(known.get(field)), row.cell())));
        page.append('\n');
    }

    private static String shown(JsonElement value) {
        boolean tooLong = value instanceof JsonArray array && array.size() > 4;
        return value == null || tooLong ? "" : value.toString().replace("\"", "");
    }
}
