package dev.kausal.engine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.Gson;
import com.google.gson.reflect.TypeToken;
import dev.kausal.engine.model.ModelSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ClassNamesTest {
    private static List<String> names(String config) {
        Map<String, Object> values =
                new Gson().fromJson(config.replace('\'', '"'), new TypeToken<Map<String, Object>>() {}.getType());
        return ClassNames.read(new ConfigFields("config.json", values), 3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'id2label': {'0': 'cat', '2': 'owl', '1': 'dog'}} | cat, dog, owl",
                "{'label_names': ['cat', 'dog', 'owl']} | cat, dog, owl",
                "{'label_names': ['n1', 'n2', 'n3'], 'label_descriptions': {'n1': 'cat', 'n3': 'owl'}} | cat, n2, owl",
                "{'label_names': {'0': 'cat'}, 'label_descriptions': {'1': 'dog'}} | cat, dog, 2",
                "{} | 0, 1, 2"
            })
    void namesComeFromTheConfig(String config, String expected) {
        assertEquals(List.of(expected.split(", ")), names(config));
    }

    @ParameterizedTest
    @CsvSource({"vit, LABEL_4, 5", "timm-vit, 3, 4", "bert-classes, LABEL_2, 3", "minilm, , 0"})
    void aClassifierHasThem(String model, String last, int count) {
        try (ModelSource source = ModelSource.open(Path.of("src/test/resources/tiny", model))) {
            List<String> names = source.classNames();
            assertEquals(count, names.size());
            if (count > 0) {
                assertEquals(last, names.get(count - 1));
            }
        }
    }
}
