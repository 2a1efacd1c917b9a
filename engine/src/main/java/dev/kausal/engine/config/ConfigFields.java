package dev.kausal.engine.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a config (JSON or GGUF metadata).
 *
 * <p>A field that config.json leaves out has the reference library's default; one that it gives as null has none. What is
 * read is remembered, so that {@link #refuseUnread()} finds what a family's reader does not compute.
 */
public final class ConfigFields extends TypedFields {
    private final Map<String, Object> values;
    private final LibraryConfig library;
    private final Set<String> read = new TreeSet<>();
    private final StatedParameters stated = new StatedParameters();
    private final List<ConfigFields> inners = new ArrayList<>();

    /** {@code values} hold String, Number, Boolean, List or Map, or null for a null of the config. */
    public ConfigFields(Object where, Map<String, Object> values) {
        this(where, values, LibraryConfig.NONE);
    }

    private ConfigFields(Object where, Map<String, Object> values, LibraryConfig library) {
        super(where);
        this.values = library.named(values);
        this.library = library;
    }

    /** A config.json of transformers, whose {@code model_type} determines the defaults. */
    public static ConfigFields library(Object where, Map<String, Object> values) {
        return new ConfigFields(where, values, LibraryConfig.of(String.valueOf(values.get("model_type"))));
    }

    /** The value, or the library's default where config.json leaves the field out. */
    @Override
    public @Nullable Object raw(String field) {
        read.add(field);
        refuseNullWhereNeeded(field);
        return values.containsKey(field)
                ? values.get(field)
                : library.defaults().get(field);
    }

    private void refuseNullWhereNeeded(String field) {
        if (library.knows(field) && !library.nullable().contains(field)) {
            refuseNull(field);
        }
    }

    /** Refuses a field that the config gives as null if the library needs a value. */
    public void refuseNull(String... fields) {
        for (String field : fields) {
            if (values.containsKey(field) && values.get(field) == null) {
                throw new ConfigException(
                        where,
                        "field '" + field + "' is null.",
                        "Give it a value, or leave it out: " + LibraryConfig.library() + " then has a default.");
            }
        }
    }

    /** Whether the library's class has the field; one that it lacks is not read by the library's models. */
    public boolean known(String field) {
        return library.knows(field);
    }

    /** Whether the unembedding of {@code head} is the embedding's transpose unless the file has its own. */
    public boolean ties(OutputHeadConfig head) {
        boolean tied = flag("tie_word_embeddings") || head.embeddingAsUnembedding();
        return tied && head.hasVocabulary();
    }

    /** The library's rotary parameters where config.json names none; of one kind of layer where there are several. */
    ConfigFields rope(String... layerType) {
        ConfigFields all = new ConfigFields(where + ", rope_parameters", library.rope());
        return layerType.length == 0 ? all : all.nested(layerType[0]);
    }

    /**
     * Refuses fields that the library's class has and no reader read, unless their value is the default or makes no
     * difference: each asks for something that is not computed.
     */
    public void refuseUnread() {
        inners.forEach(ConfigFields::refuseUnread);
        String modelType = String.valueOf(values.get("model_type"));
        for (Map.Entry<String, Object> field : values.entrySet()) {
            String name = field.getKey();
            Object otherwise = library.defaults().get(name);
            if (library.knows(name)
                    && !read.contains(name)
                    && !LibraryConfig.withoutInfluence(modelType, name)
                    && !Objects.equals(field.getValue(), otherwise)) {
                throw new UnsupportedModelException(where, name, field.getValue(), String.valueOf(otherwise));
            }
        }
    }

    /** Refuses metadata of the architecture that no reader read, unless it is empty or makes no difference. */
    public void refuseUnreadMetadata(String architecture, Set<String> withoutInfluence) {
        for (Map.Entry<String, Object> entry : values.entrySet()) {
            String name = entry.getKey();
            Object value = entry.getValue();
            boolean nothing = Boolean.FALSE.equals(value) || (value instanceof Number n && n.doubleValue() == 0);
            if (name.startsWith(architecture + ".")
                    && !nothing
                    && !read.contains(name)
                    && !withoutInfluence.contains(name.substring(architecture.length() + 1))) {
                throw new UnsupportedModelException(where, name, value, "none");
            }
        }
    }

    /** Marks fields that make no difference, given the others. */
    public void unused(String... fields) {
        for (String field : fields) {
            refuseNullWhereNeeded(field);
            read.add(field);
        }
    }

    /** Says that the model has the parameters if {@code field} is true, and lacks them otherwise. */
    public void decides(String field, Parameter... parameters) {
        decides(field, flag(field), parameters);
    }

    /** Says, as {@code field} does, whether the model has the parameters. */
    public void decides(String field, boolean has, Parameter... parameters) {
        stated.state(has, field, parameters);
    }

    /** Rules the parameters out for the whole family. */
    public void never(Parameter... parameters) {
        stated.state(false, "", parameters);
    }

    /** Says that all models of this family have the parameters. */
    public void always(Parameter... parameters) {
        stated.state(true, "", parameters);
    }

    /** Returns what the fields say of parameters. */
    public StatedParameters stated() {
        return stated;
    }

    /** Refuses fields of other names: each asks for something that is not computed. */
    public void onlyNamed(Set<String> known) {
        for (Map.Entry<String, Object> entry : values.entrySet()) {
            if (!known.contains(entry.getKey()) && entry.getValue() != null) {
                throw new UnsupportedModelException(
                        where, entry.getKey(), entry.getValue(), "only " + String.join(", ", known));
            }
        }
    }

    /** The fields of a nested object; none if the field is absent or null. */
    public ConfigFields nested(String field) {
        return new ConfigFields(where + ", " + field, object(field));
    }

    private Map<String, Object> object(String field) {
        Map<String, Object> inner = new TreeMap<>();
        if (raw(field) instanceof Map<?, ?> map) {
            map.forEach((name, value) -> inner.put(name.toString(), value));
        }
        return inner;
    }

    /** One field of a part of this config. */
    public ConfigFields of(String field, Object value) {
        return new ConfigFields(where, Map.of(field, value));
    }

    /** These fields, and those of {@code other} that these lack. */
    ConfigFields over(ConfigFields other) {
        Map<String, Object> both = new TreeMap<>(other.values);
        both.putAll(values);
        return new ConfigFields(where, both);
    }

    /** The fields that are not null. */
    ConfigFields withoutNulls() {
        Map<String, Object> given = new TreeMap<>(values);
        given.values().removeIf(Objects::isNull);
        return new ConfigFields(where, given);
    }

    /** The config nested in {@code field}, of {@code modelType} unless it says otherwise; heads as the outer one says. */
    public ConfigFields inner(String field, String modelType) {
        Map<String, Object> inner = object(field);
        if (inner.isEmpty()) {
            throw new ConfigException(where, "field '" + field + "' is missing.", "A nested config belongs there.");
        }
        inner.putIfAbsent("model_type", modelType);
        for (String outer : List.of("architectures", "id2label", "tie_word_embeddings")) {
            read.add(outer);
            if (values.containsKey(outer)) {
                inner.put(outer, values.get(outer));
            }
        }
        ConfigFields fields = library(where + ", " + field, inner);
        inners.add(fields);
        return fields;
    }

    boolean empty() {
        return values.isEmpty();
    }
}
