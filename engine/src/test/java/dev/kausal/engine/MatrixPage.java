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

                Every field of the library's configuration classes that changes what a model computes, left out, null and with
                other values, and weights files of other shapes: %d cases on the tiny models. Each is computed as %s
                computes it (within 5e-5, relative), or refused with a message that names the field. What the library itself
                cannot open, or fills with weights of its own, is refused too. A field that is left out has the default given
                here, which Kausal reads from the library's own classes (`bench/dump_config_fields.py`). Made by

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
