"""The words from which films, people and companies are made up, and the fixed tables of the real services."""


def _list(text: str, between: str = "|") -> tuple[str, ...]:
    return tuple(text.split(between))


GENRES = {
    "Action": 28,
    "Adventure": 12,
    "Animation": 16,
    "Comedy": 35,
    "Crime": 80,
    "Documentary": 99,
    "Drama": 18,
    "Family": 10751,
    "Fantasy": 14,
    "History": 36,
    "Horror": 27,
    "Music": 10402,
    "Mystery": 9648,
    "Romance": 10749,
    "Science Fiction": 878,
    "TV Movie": 10770,
    "Thriller": 53,
    "War": 10752,
    "Western": 37,
}
COMMON_GENRES = tuple(name for name in GENRES if name not in {"TV Movie", "Documentary", "Western"})
OMDB_GENRES = {"Science Fiction": "Sci-Fi"}

# ISO 639-1 -> (English name, own name); "cn" is TMDB's own code for Cantonese.
LANGUAGES = {
    "en": ("English", "English"),
    "de": ("German", "Deutsch"),
    "fr": ("French", "Français"),
    "es": ("Spanish", "Español"),
    "it": ("Italian", "Italiano"),
    "pt": ("Portuguese", "Português"),
    "ja": ("Japanese", "日本語"),
    "ko": ("Korean", "한국어/조선말"),
    "zh": ("Mandarin", "普通话"),
    "cn": ("Cantonese", "广州话 / 廣州話"),
    "ru": ("Russian", "Русский"),
    "fa": ("Persian", "فارسی"),
    "hi": ("Hindi", "हिन्दी"),
    "bn": ("Bengali", "বাংলা"),
    "te": ("Telugu", "తెలుగు"),
    "da": ("Danish", "Dansk"),
    "sv": ("Swedish", "svenska"),
    "pl": ("Polish", "Polski"),
    "nl": ("Dutch", "Nederlands"),
}

# ISO 3166-1 -> (TMDB's name, OMDb's name).
COUNTRIES = {
    "US": ("United States of America", "United States"),
    "GB": ("United Kingdom", "United Kingdom"),
    "CA": ("Canada", "Canada"),
    "AU": ("Australia", "Australia"),
    "NZ": ("New Zealand", "New Zealand"),
    "DE": ("Germany", "Germany"),
    "FR": ("France", "France"),
    "ES": ("Spain", "Spain"),
    "IT": ("Italy", "Italy"),
    "BR": ("Brazil", "Brazil"),
    "MX": ("Mexico", "Mexico"),
    "JP": ("Japan", "Japan"),
    "KR": ("South Korea", "South Korea"),
    "HK": ("Hong Kong", "Hong Kong"),
    "TW": ("Taiwan", "Taiwan"),
    "CN": ("China", "China"),
    "SU": ("Soviet Union", "Soviet Union"),
    "IR": ("Iran", "Iran"),
    "IN": ("India", "India"),
    "DK": ("Denmark", "Denmark"),
    "SE": ("Sweden", "Sweden"),
    "PL": ("Poland", "Poland"),
}
HOME_OF_LANGUAGE = {
    "en": "US",
    "de": "DE",
    "fr": "FR",
    "es": "ES",
    "it": "IT",
    "pt": "BR",
    "ja": "JP",
    "ko": "KR",
    "sv": "SE",
    "da": "DK",
}

# One column per step from "everybody" to "adults only".
CERTIFICATIONS = {
    "US": ("G", "PG", "PG-13", "R", "NC-17"),
    "GB": ("U", "PG", "12A", "15", "18"),
    "DE": ("0", "6", "12", "16", "18"),
    "FR": ("U", "U", "12", "12", "16"),
    "AU": ("G", "PG", "M", "MA15+", "R18+"),
}

# A language's frame around a made-up story: what "translated" looks like here.
TRANSLATED = {
    "de": ("„{title}“ erzählt von Freundschaft, Verlust und einer langen Reise.", "Nichts bleibt, wie es war."),
    "fr": ("« {title} » raconte une amitié, une perte et un long voyage.", "Rien ne sera plus comme avant."),
    "es": ("«{title}» cuenta una amistad, una pérdida y un largo viaje.", "Nada será como antes."),
    "it": ("«{title}» racconta un'amicizia, una perdita e un lungo viaggio.", "Niente sarà più come prima."),
    "pt": ("“{title}” conta uma amizade, uma perda e uma longa viagem.", "Nada será como antes."),
    "ja": ("『{title}』は友情と喪失、そして長い旅の物語。", "もう元には戻れない。"),
}

ADJECTIVES = _list(
    "Amber Ancient Bitter Blue Borrowed Broken Burning Crimson Distant Early Empty Endless Fallen Final First "
    "Forgotten Frozen Gentle Golden Hidden Hollow Last Lonely Long Lost Midnight Northern Paper "
    "Quiet Restless Scarlet Second "
    "Secret Silent Silver Southern Stolen Tender Velvet Wandering White Wild Winter Wooden Yellow",
    " ",
)
NOUNS = _list(
    "Affair Anchor Ashes Bridge Captain Carnival Castle Clock Compass Country Crossing Dancer Door Dream Empire Engine "
    "Garden Ghost Harbor Harvest Heart Highway Horizon Hour House Island Journey Kingdom Lantern Letter Lighthouse "
    "Map Mirror Moon Mountain Orchard Ocean Promise Rain River Road Sailor Season Shadow Signal "
    "Sky Snow Song Station Storm "
    "Stranger Summer Thief Tide Tower Train Valley Voyage Watch Widow Wind Window Witness Year",
    " ",
)
ROLES = _list(
    "retired detective|young pianist|widowed baker|restless pilot|small-town teacher|runaway heiress|night nurse|"
    "disgraced surgeon|stubborn farmer|cautious smuggler|shy cartographer|former soldier|failed actor|night porter|"
    "brilliant forger|tired ferryman|apprentice clockmaker|lonely astronaut|travelling puppeteer|honest gambler"
)
DEEDS = _list(
    "returns to the village of her childhood|finds a letter that was never sent|takes a job that nobody else wants|"
    "must cross the border before dawn|inherits a house full of locked doors|is mistaken for a missing heir|"
    "follows a stranger onto a night train|has three days to prove an alibi|builds a boat in the middle of a city|"
    "discovers that the town keeps a secret|agrees to one last voyage|loses everything in a single night|"
    "hides a fugitive in the attic|falls in love with the wrong person|hears a voice on a dead radio line"
)
TWISTS = _list(
    "and learns that the past does not let go|while a storm cuts off every way back|and gains an unlikely friend|"
    "but someone has been watching all along|and the price turns out to be higher than agreed|"
    "until an old debt is called in|and nothing is the same when the snow melts|but the truth is closer to home|"
    "with a child, a dog and no plan at all|as the war draws nearer"
)
TAGLINES = _list(
    "Some doors should stay closed.|Every road leads home.|Trust no one. Not even yourself.|The night remembers.|"
    "One chance. One lie.|Love arrives late.|They came for the gold. They stayed for the truth.|"
    "Nobody leaves the island.|A story of small courage.|The end was only the beginning.|What would you give up?|"
    "Based on a dream."
)
KEYWORDS = _list(
    "friendship|small town|revenge|based on novel or book|coming of age|betrayal|sea|railway|memory|family secrets|"
    "road trip|heist|first love|island|winter|war|loss of loved one|music|dual identity|escape"
)
COMPANIES = _list(
    "Northlight Pictures|Blue Anchor Films|Meridian Entertainment|Old Harbour Productions|Paper Moon Studios|"
    "Silver Birch Films|Kestrel Pictures|Lantern House|Third Act Media|Copperfield Films|Aurora Filmproduktion|"
    "Les Films du Canal|Studio Kawa|Cinematográfica del Sur|Gran Via Producciones|Red Door Cinema|Atlas Film|"
    "Nine Elms Pictures|Sunday Afternoon|Westwind Cinema"
)
FIRST_NAMES = _list(
    "Ada Alan Alma Amir Anna Anton Astrid Ben Camille Carla Chen Clara Daniel David Elena Elias Emil Emma Ethan Eva "
    "Felix Fiona George Grace Greta Hana Henry Hugo Ida Igor Ines Isaac Ivan James Jana Jin Johan Julia Kai Karim Kate "
    "Kenji Lara Laura Leo Lina Louis Lucia Luis Maja Marco Maria Mark Marta Maya Mei Mila Mohan Nadia Naoko Nina Noah "
    "Nora Olga Omar Oscar Paul Pedro Petra Priya Rafael Rosa Ruth Sam Sara Simon Sofia Tariq Theo Thomas Tom Vera "
    "Victor Yara Yuki Zoe",
    " ",
)
LAST_NAMES = _list(
    "Abbott Adler Almeida Andersen Aoki Arnaud Bailey Barros Bauer Becker Bennett Berg Bianchi Blake Brandt Castro "
    "Chan Clarke Cohen Conti Costa Crane Dahl Davies Delgado Dubois Duarte Ek Ellis Farrow Ferrari "
    "Fischer Fontaine Fujita "
    "Garcia Garnier Gupta Haas Hale Hansen Hart Hayashi Heller Holm Ibrahim Ito Ivanov Jansen Jensen Kaya Keller Khan "
    "Kim Klein Kovacs Kruger Lambert Lang Larsen Laurent Lee Lindgren Lombardi Lopez Marchetti Martin Mendes Meyer "
    "Moreau Morgan Mori Moss Nair Navarro Novak Okafor Olsen Ortega Park Pereira Petrov Quinn Rao Reyes Ricci Rossi "
    "Roth Sato Schmidt Silva Singh Sorensen Stone Suzuki Tanaka Torres Vance Vogel Wagner Walsh Weber Winter Wolf Wong "
    "Yamada Young Zeman Ziegler",
    " ",
)
