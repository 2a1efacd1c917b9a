package dev.kausal.experiments.facts

/**
 * A fact about a subject.
 *
 * @property key name of the relation in the data files
 * @property noun noun for the answer
 */
internal enum class Relation(
    val key: String,
    val noun: String,
) {
    LandmarkCity("landmark-city", "city"),
    LandmarkCountry("landmark-country", "country"),
    CityCountry("city-country", "country"),
    Capital("capital", "city"),
    Currency("currency", "currency"),
    Language("language", "language"),
    Field("field", "field"),
    Author("author", "author"),
}

/** A real fact, such as Eiffel Tower, city, Paris. The answer is one word. */
internal data class Fact(
    val relation: Relation,
    val subject: String,
    val answer: String,
)

/**
 * The facts that the embedded models are trained on, also used by studies.
 *
 * @property facts each subject at most once per relation
 */
internal class FactTable(
    val facts: List<Fact>,
) {
    private val byRelation = facts.groupBy { it.relation }

    /** Returns the facts of a relation, in the order of the files. */
    fun of(relation: Relation): List<Fact> = byRelation[relation].orEmpty()

    /** Returns the distinct answers of a relation. */
    fun answers(relation: Relation): List<String> = of(relation).map { it.answer }.distinct()

    companion object {
        /** The table included in Kausal. */
        val builtIn: FactTable by lazy { FactTable(read()) }

        private fun read(): List<Fact> {
            val landmarks = column("landmarks.tsv", "city", Relation.LandmarkCity)
            val cities = column("cities.tsv", "country", Relation.CityCountry)
            val countryOf = cities.associate { it.subject to it.answer }
            // Places of cities whose country has several words are skipped.
            val countries =
                landmarks.mapNotNull { landmark ->
                    countryOf[landmark.answer]?.let { Fact(Relation.LandmarkCountry, landmark.subject, it) }
                }
            return landmarks + countries + cities +
                column("countries.tsv", "capital", Relation.Capital) +
                column("countries.tsv", "currency", Relation.Currency) +
                column("countries.tsv", "language", Relation.Language) +
                column("people.tsv", "field", Relation.Field) +
                column("works.tsv", "author", Relation.Author)
        }

        private fun column(
            file: String,
            name: String,
            relation: Relation,
        ): List<Fact> {
            val lines = FactFiles.text(file).lines().filter(String::isNotEmpty)
            val index = lines.first().split('\t').indexOf(name)
            check(index > 0) { "$file has no column $name" }
            return lines
                .drop(1)
                .map { it.split('\t') }
                .filter { it[index] != LEFT_OUT }
                .map { Fact(relation, it[0], it[index]) }
        }

        private const val LEFT_OUT = "-"
    }
}

/** The data files in the jar. */
internal object FactFiles {
    fun text(name: String): String =
        checkNotNull(FactFiles::class.java.getResourceAsStream("/facts/$name")) { "no resource facts/$name" }
            .use { it.readBytes().decodeToString() }
}
