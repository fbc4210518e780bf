"""Which short sentences are worth embedding together?

Plain data to begin with; a visitor's own lines come instead. Four topics, whose sentences share few words: what makes
neighbours of them is what they say. The last of each topic borrows a word of another (a storm in the kitchen).
"""

from __future__ import annotations

from typing import Final

TOPICS: Final[dict[str, tuple[str, ...]]] = {
    "weather": (
        "Rain is expected all day tomorrow.",
        "A thick fog lay over the valley this morning.",
        "The storm brought heavy rain and strong winds.",
        "Temperatures will fall below zero at night.",
        "Take an umbrella, the clouds look dark.",
        "After weeks of drought, the first showers came.",
        "Snow fell on the mountains for two days.",
        "The sky cleared and a mild breeze blew.",
        "We had bright sunshine the whole weekend.",
        "The summer was hot and humid.",
    ),
    "food": (
        "She baked a loaf of bread with walnuts.",
        "The curry needs more salt and a little lime.",
        "Boil the pasta for nine minutes.",
        "Fresh strawberries taste best with cream.",
        "He ordered a bowl of noodles and green tea.",
        "Chop the onions and fry them in butter.",
        "The restaurant is known for its grilled fish.",
        "My grandmother's apple pie is the best dessert.",
        "Breakfast was eggs, toast and orange juice.",
        "We stirred up a storm in the kitchen and made a stew.",
    ),
    "sport": (
        "The striker scored twice in the second half.",
        "She won the marathon in record time.",
        "Our team lost the final after extra time.",
        "The goalkeeper saved a late penalty.",
        "He trains for the Olympics every day.",
        "The tennis match went to a fifth set.",
        "The referee showed him a red card.",
        "Thousands of fans cheered in the stadium.",
        "The cyclists raced up the last hill of the tour.",
        "They served up a feast of goals on Saturday.",
    ),
    "computers": (
        "The program crashed and my file was lost.",
        "Please restart your laptop to install the update.",
        "Her new computer has a faster processor.",
        "The website is down, the server does not answer.",
        "He wrote a Python script that sorts the files.",
        "Choose a longer password for your account.",
        "The printer is not connected to the network.",
        "There is a bug in the latest version of the software.",
        "The backup filled the whole hard disk.",
        "The company moved all its data to the cloud.",
    ),
}
EXAMPLE: Final = "\n".join(sentence for sentences in TOPICS.values() for sentence in sentences)
# Text number -> label.
EXAMPLE_LABELS: Final = dict(enumerate(topic for topic, sentences in TOPICS.items() for _ in sentences))
FIRST_LABELS: Final = {  # those that a classifier begins with: the first three of each topic
    number: topic for number, topic in EXAMPLE_LABELS.items() if number % 10 < 3
}
