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
 * <p>An absent field of config.json takes the reference library's default; a field set to null takes none. Reads are
 * recorded, so that {@link #refuseUnread()} finds fields that a family's reader does not support.
 */
public final class ConfigFields extends TypedFields {
    private final Map<String, Object> values;
    private final LibraryConfig library;
    private final Set<String> read = new TreeSet<>();
    private final StatedParameters stated = new StatedParameters();
    private final List<ConfigFields> inners = new ArrayList<>();

    /** Creates fields from {@code values}: String, Number, Boolean, List or Map, or null for a null in the config. */
    public ConfigFields(Object where, Map<String, Object> values) {
        this(where, values, LibraryConfig.NONE);
    }

    private ConfigFields(Object where, Map<String, Object> values, LibraryConfig library) {
        super(where);
        this.values = library.named(values);
        this.library = library;
    }

    /** Creates the fields of a transformers config.json, whose {@code model_type} determines the defaults. */
    public static ConfigFields library(Object where, Map<String, Object> values) {
        return new ConfigFields(where, values, LibraryConfig.of(String.valueOf(values.get("model_type"))));
    }

    /** Returns the value, or the library's default if config.json lacks the field. */
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

    /** Refuses a null field if the library needs a value. */
    public void refuseNull(String... fields) {
        for (String field : fields) {
            if (values.containsKey(field) && values.get(field) == null) {
                throw new ConfigException(
                        where,
                        "field '" + field + "' is null.",
                        "Set a value, or remove the field to get the default of " + LibraryConfig.library() + ".");
            }
        }
    }

    /** Returns whether the library's class has the field; the library's models ignore other fields. */
    public boolean known(String field) {
        return library.knows(field);
    }

    /** Returns whether the unembedding of {@code head} is the embedding's transpose unless the file has its own. */
    public boolean ties(OutputHeadConfig head) {
        boolean tied = flag("tie_word_embeddings") || head.embeddingAsUnembedding();
        return tied && head.hasVocabulary();
    }

    /**
     * Returns the library's rotary parameters if config.json names none; those of one layer type if there are several.
     */
    ConfigFields rope(String... layerType) {
        ConfigFields all = new ConfigFields(where + ", rope_parameters", library.rope());
        return layerType.length == 0 ? all : all.nested(layerType[0]);
    }

    /**
     * Refuses fields that the library's class has and no reader read, unless their value is the default or has no
     * effect: each asks for an unsupported computation.
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

    /** Refuses metadata of the architecture that no reader read, unless it is empty or has no effect. */
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

    /** Marks fields that have no effect, given the others. */
    public void unused(String... fields) {
        for (String field : fields) {
            refuseNullWhereNeeded(field);
            read.add(field);
        }
    }

    /** Records that the model has the parameters if {@code field} is true, and lacks them otherwise. */
    public void decides(String field, Parameter... parameters) {
        decides(field, flag(field), parameters);
    }

    /** Records whether the model has the parameters, as stated by {@code field}. */
    public void decides(String field, boolean has, Parameter... parameters) {
        stated.state(has, field, parameters);
    }

    /** Records that no model of the family has the parameters. */
    public void never(Parameter... parameters) {
        stated.state(false, "", parameters);
    }

    /** Records that all models of the family have the parameters. */
    public void always(Parameter... parameters) {
        stated.state(true, "", parameters);
    }

    /** Returns what the fields state about parameters. */
    public StatedParameters stated() {
        return stated;
    }

    /** Refuses fields other than {@code known}: each asks for an unsupported computation. */
    public void onlyNamed(Set<String> known) {
        for (Map.Entry<String, Object> entry : values.entrySet()) {
            if (!known.contains(entry.getKey()) && entry.getValue() != null) {
                throw new UnsupportedModelException(
                        where, entry.getKey(), entry.getValue(), "only " + String.join(", ", known));
            }
        }
    }

    /** Returns the fields of a nested object; none if the field is absent or null. */
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

    /** Returns fields with a single entry. */
    public ConfigFields of(String field, Object value) {
        return new ConfigFields(where, Map.of(field, value));
    }

    /** Returns these fields, supplemented by those of {@code other}. */
    ConfigFields over(ConfigFields other) {
        Map<String, Object> both = new TreeMap<>(other.values);
        both.putAll(values);
        return new ConfigFields(where, both);
    }

    /** Returns the fields that are not null. */
    ConfigFields withoutNulls() {
        Map<String, Object> given = new TreeMap<>(values);
        given.values().removeIf(Objects::isNull);
        return new ConfigFields(where, given);
    }

    /**
     * Returns the config nested in {@code field}, of type {@code modelType} unless it names another; heads as in the
     * outer config.
     */
    public ConfigFields inner(String field, String modelType) {
        Map<String, Object> inner = object(field);
        if (inner.isEmpty()) {
            throw new ConfigException(where, "field '" + field + "' is missing.", "Add the nested config.");
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
