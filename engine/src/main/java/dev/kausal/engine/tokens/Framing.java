package dev.kausal.engine.tokens;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.kausal.engine.errors.Present;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The special tokens around one text and around two, from a tokenizer.json's {@code post_processor}: BERT's {@code
 * [CLS] A [SEP] B [SEP]}, RoBERTa's {@code <s> A </s></s> B </s>}.
 *
 * @param single parts of one text
 * @param pair parts of two texts
 */
public record Framing(List<Part> single, List<Part> pair) {
    /** No special tokens. */
    public static final Framing NONE = new Framing(List.of(Part.FIRST), List.of(Part.FIRST, new Part(1, 1, List.of())));

    /**
     * A text, or special tokens.
     *
     * @param text 0 or 1 for a text; {@link Framed#SPECIAL} for special tokens
     * @param type token type of its tokens
     * @param ids ids of special tokens
     */
    public record Part(int text, int type, List<Integer> ids) {
        static final Part FIRST = new Part(0, 0, List.of());

        public Part {
            ids = List.copyOf(ids);
        }

        static Part special(int type, Integer... ids) {
            return new Part(Framed.SPECIAL, type, List.of(ids));
        }
    }

    public Framing {
        single = List.copyOf(single);
        pair = List.copyOf(pair);
    }

    /** Returns whether it adds any token. */
    public boolean adds() {
        return single.size() > 1;
    }

    /** Frames one text, or two if {@code second} is not null, with special tokens. */
    public Framed frame(Encoding first, @Nullable Encoding second) {
        List<int[]> rows = new ArrayList<>();
        for (Part part : second == null ? single : pair) {
            if (part.text() == Framed.SPECIAL) {
                part.ids().forEach(id -> rows.add(new int[] {id, part.type(), Framed.SPECIAL, 0, 0}));
            } else {
                Encoding text = part.text() == 0 ? first : Present.of(second, "second text");
                for (int i = 0; i < text.length(); i++) {
                    rows.add(new int[] {text.ids()[i], part.type(), part.text(), text.starts()[i], text.ends()[i]});
                }
            }
        }
        return new Framed(column(rows, 0), column(rows, 1), column(rows, 2), column(rows, 3), column(rows, 4));
    }

    private static int[] column(List<int[]> rows, int column) {
        return rows.stream().mapToInt(row -> row[column]).toArray();
    }

    /** Reads a {@code post_processor}; {@link #NONE} if it is absent or adds nothing. */
    static Framing read(@Nullable JsonElement processor, String source) {
        if (processor == null || !processor.isJsonObject()) {
            return NONE;
        }
        try {
            return read(processor.getAsJsonObject());
        } catch (RuntimeException e) {
            throw new TokenizerDamaged(source, "no readable post_processor", e);
        }
    }

    private static Framing read(JsonObject processor) {
        return switch (processor.get("type").getAsString()) {
            case "TemplateProcessing" -> template(processor);
            case "BertProcessing" -> {
                Part cls = Part.special(0, id(processor, "cls"));
                Integer sep = id(processor, "sep");
                Part end = Part.special(0, sep);
                Part second = new Part(1, 1, List.of());
                yield new Framing(
                        List.of(cls, Part.FIRST, end), List.of(cls, Part.FIRST, end, second, Part.special(1, sep)));
            }
            case "RobertaProcessing" -> {
                Part cls = Part.special(0, id(processor, "cls"));
                Integer sep = id(processor, "sep");
                Part end = Part.special(0, sep);
                Part second = new Part(1, 0, List.of());
                yield new Framing(
                        List.of(cls, Part.FIRST, end),
                        List.of(cls, Part.FIRST, Part.special(0, sep, sep), second, end));
            }
            case "Sequence" -> sequence(processor.getAsJsonArray("processors"));
            default -> NONE;
        };
    }

    /** Returns the processor of a sequence that adds tokens; the others only change spans. */
    private static Framing sequence(JsonArray processors) {
        for (JsonElement one : processors) {
            Framing framing = read(one.getAsJsonObject());
            if (framing.adds()) {
                return framing;
            }
        }
        return NONE;
    }

    /** Reads the id of {@code "sep": ["[SEP]", 102]}. */
    private static Integer id(JsonObject processor, String name) {
        return processor.getAsJsonArray(name).get(1).getAsInt();
    }

    private static Framing template(JsonObject processor) {
        JsonObject specials = processor.getAsJsonObject("special_tokens");
        return new Framing(
                parts(processor.getAsJsonArray("single"), specials), parts(processor.getAsJsonArray("pair"), specials));
    }

    private static List<Part> parts(JsonArray template, JsonObject specials) {
        List<Part> parts = new ArrayList<>();
        for (JsonElement element : template) {
            Map.Entry<String, JsonElement> entry =
                    element.getAsJsonObject().entrySet().iterator().next();
            JsonObject fields = entry.getValue().getAsJsonObject();
            int type = fields.get("type_id").getAsInt();
            String id = fields.get("id").getAsString();
            parts.add(
                    entry.getKey().equals("Sequence")
                            ? new Part(id.equals("A") ? 0 : 1, type, List.of())
                            : Part.special(type, ids(specials.getAsJsonObject(id))));
        }
        return parts;
    }

    private static Integer[] ids(JsonObject special) {
        JsonArray ids = special.getAsJsonArray("ids");
        Integer[] found = new Integer[ids.size()];
        Arrays.setAll(found, i -> ids.get(i).getAsInt());
        return found;
    }
}
