package dev.kausal.engine.config;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the library's image processors do where preprocessor_config.json leaves a field out; image-processors.json, which
 * bench/dump_image_processors.py writes, has them by class.
 */
final class ImageProcessors {
    /** The class that scales pixels before it resizes. */
    static final String RESCALES_FIRST = "DINOv3ViTImageProcessor";

    private static final Known KNOWN = LibraryConfig.resource("image-processors.json", Known.class);

    private ImageProcessors() {}

    private record Known(String library, Map<String, String> models, Map<String, Map<String, Object>> processors) {}

    /** The class that a file names, in older and newer words; else the one that models of {@code modelType} have. */
    static String name(ConfigFields f, String modelType) {
        String named = f.text("image_processor_type")
                .or(() -> f.text("feature_extractor_type"))
                .or(() -> Optional.ofNullable(KNOWN.models().get(modelType)))
                .orElseThrow(() -> new ConfigException(
                        f.where(),
                        "field 'image_processor_type' is missing.",
                        "The name of the library's class belongs there, such as ViTImageProcessor."));
        return named.replaceFirst("(Fast|Pil)$", "").replaceFirst("FeatureExtractor$", "ImageProcessor");
    }

    /** {@code f} with the defaults of a class for what it leaves out, or gives as null. */
    static ConfigFields completed(ConfigFields f, String name) {
        Map<String, Object> defaults = KNOWN.processors().get(name);
        if (defaults == null) {
            String known = String.join(", ", new TreeMap<>(KNOWN.processors()).keySet());
            throw new UnsupportedModelException(f.where(), "image_processor_type", name, known);
        }
        return f.withoutNulls().over(new ConfigFields(f.where(), defaults));
    }
}
