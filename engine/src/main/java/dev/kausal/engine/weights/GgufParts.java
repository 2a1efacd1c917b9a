package dev.kausal.engine.weights;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A GGUF split into several files, {@code NAME-00001-of-00003.gguf} and so on, as named by llama.cpp's gguf-split. */
final class GgufParts {
    private static final Pattern NAME = Pattern.compile("(.+)-(\\d{5})-of-(\\d{5})\\.gguf");
    private static final String COUNT = "split.count";
    private static final String TENSORS = "split.tensors.count";

    private GgufParts() {}

    /** Returns whether the name is that of a part. */
    static boolean named(Path file) {
        return NAME.matcher(String.valueOf(file.getFileName())).matches();
    }

    /** Returns whether {@code files} are the parts of one GGUF. */
    static boolean arePartsOfOne(List<Path> files) {
        return files.stream().allMatch(GgufParts::named)
                && files.stream().map(GgufParts::whole).distinct().count() == 1;
    }

    private static String whole(Path part) {
        Matcher matcher = NAME.matcher(String.valueOf(part.getFileName()));
        return matcher.matches() ? matcher.group(1) + " of " + matcher.group(3) : "";
    }

    /** Opens every part, given any of them; metadata is that of the first. */
    static WeightStore open(Path part) {
        Matcher matcher = NAME.matcher(String.valueOf(part.getFileName()));
        if (!matcher.matches()) {
            throw new IllegalArgumentException(part + " is not a part of a split GGUF");
        }
        int count = Integer.parseInt(matcher.group(3));
        List<WeightsFile> files = new ArrayList<>();
        try {
            Map<String, Region> regions = new LinkedHashMap<>();
            Map<String, Object> metadata = Map.of();
            for (int number = 1; number <= count; number++) {
                Path file = part.resolveSibling(String.format("%s-%05d-of-%05d.gguf", matcher.group(1), number, count));
                files.add(WeightsFile.open(beside(part, file, count)));
                Gguf gguf = Gguf.read(files.get(number - 1));
                requireCount(file, gguf, count);
                metadata = number == 1 ? gguf.metadata() : metadata;
                regions.putAll(gguf.tensors());
            }
            requireTensors(part, metadata, regions.size());
            return FileWeightStore.gguf(part, files, regions, metadata);
        } catch (RuntimeException e) {
            files.forEach(WeightsFile::close);
            throw e;
        }
    }

    private static Path beside(Path part, Path file, int count) {
        if (!Files.isRegularFile(file)) {
            throw new WeightsNotFoundException(
                    part, "one of " + count + " parts, but " + file.getFileName() + " is missing beside it");
        }
        return file;
    }

    private static void requireCount(Path file, Gguf gguf, int count) {
        if (gguf.metadata().get(COUNT) instanceof Number found && found.intValue() != count) {
            throw new CorruptWeightsException(file, COUNT, count + ", as its name says", found.toString());
        }
    }

    private static void requireTensors(Path part, Map<String, Object> metadata, int found) {
        if (metadata.get(TENSORS) instanceof Number expected && expected.intValue() != found) {
            throw new CorruptWeightsException(part, TENSORS, expected + " tensors in all parts", found + "");
        }
    }
}
