"""The words that seeded products, stores and cities are made of."""

from dataclasses import dataclass

COLOURS = (
    "Black", "White", "Silver", "Graphite", "Navy", "Forest Green", "Sand", "Burgundy", "Sky Blue", "Natural",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProductRange:
    """What one category is made of: things with their lowest and highest price, praise and details.

    Every range has ten things and ten variants.
    """

    category: str
    things: tuple[tuple[str, int, int], ...]
    praise: tuple[str, ...]
    details: tuple[str, ...]
    variants: tuple[str, ...] = COLOURS


BRANDS = (
    "Aldora", "Brightwell", "Corvane", "Dunmore", "Elmridge", "Fennec", "Galanta", "Harrow",
    "Iverson", "Juniper", "Kestrel", "Lumina", "Marlow", "Northgate", "Orlin", "Pemberton",
)  # fmt: skip
SERIES = (
    "Classic",
    "Compact",
    "Essential",
    "Heritage",
    "Plus",
    "Prime",
    "Studio",
    "Urban",
    "Active",
    "Ultra",
)
RANGES = (
    ProductRange(
        "Electronics",
        (
            ("Wireless Headphones", 39, 349), ("Bluetooth Speaker", 25, 249), ("Laptop 14 inch", 549, 1899),
            ("Tablet", 179, 899), ("Smartwatch", 79, 429), ("Phone Case", 9, 49), ("Power Bank", 15, 79),
            ("Monitor 27 inch", 149, 699), ("Mechanical Keyboard", 49, 189), ("Wireless Mouse", 15, 99),
        ),
        ("Long battery life and quick charging.", "Clear sound and a sharp picture.", "Light enough to carry all day."),
        ("Two-year guarantee.", "Comes with a USB-C cable.", "Works with Android, iOS and Windows.", "Recycled packaging."),
    ),
    ProductRange(
        "Home & Kitchen",
        (
            ("Frying Pan 28 cm", 19, 119), ("Chef's Knife", 15, 149), ("Kettle", 25, 99), ("Coffee Grinder", 29, 189),
            ("Toaster", 25, 119), ("Mixing Bowl Set", 15, 59), ("Cutting Board", 9, 69), ("Storage Jar", 5, 29),
            ("Stand Mixer", 119, 599), ("Table Lamp", 19, 139),
        ),
        ("Made for daily use.", "Heats evenly and cleans easily.", "A quiet helper in any kitchen."),
        ("Dishwasher safe.", "Spare parts for ten years.", "Suitable for induction hobs.", "Wipe clean with a damp cloth."),
    ),
    ProductRange(
        "Books",
        (
            ("Cookbook", 15, 45), ("Travel Guide", 12, 29), ("Garden Almanac", 10, 35), ("Notebook A5", 4, 19),
            ("City Atlas", 15, 59), ("Puzzle Book", 5, 15), ("Field Guide to Birds", 14, 39), ("Sketchbook", 6, 29),
            ("Picture Book", 8, 22), ("History of Bridges", 18, 49),
        ),
        ("A book to keep on the table.", "Written for curious readers.", "Richly illustrated."),
        ("Hardcover with ribbon.", "Printed on recycled paper.", "Revised edition.", "With an index and maps."),
        (
            "Hardcover", "Paperback", "Large Print", "Pocket Edition", "Gift Edition", "Second Edition",
            "Third Edition", "Illustrated", "Spiral Bound", "Anniversary Edition",
        ),
    ),
    ProductRange(
        "Toys & Games",
        (
            ("Building Blocks", 14, 99), ("Jigsaw Puzzle 1000 Pieces", 9, 29), ("Board Game", 15, 69),
            ("Wooden Train", 19, 89), ("Kite", 8, 39), ("Card Game", 5, 25), ("Plush Bear", 9, 49),
            ("Chess Set", 15, 149), ("Marble Run", 19, 79), ("Toy Tractor", 9, 45),
        ),
        ("Hours of play for small and big hands.", "For rainy afternoons.", "A gift that lasts."),
        ("From three years.", "For two to six players.", "Water-based paint.", "Rules in five languages."),
    ),
    ProductRange(
        "Sports & Outdoors",
        (
            ("Yoga Mat", 15, 89), ("Running Belt", 9, 39), ("Hiking Backpack 30 l", 49, 199), ("Water Bottle", 7, 39),
            ("Sleeping Bag", 35, 249), ("Camping Stove", 25, 149), ("Bicycle Helmet", 25, 149),
            ("Trekking Poles", 19, 129), ("Swimming Goggles", 7, 45), ("Climbing Rope 60 m", 79, 249),
        ),
        ("Ready for every weather.", "Tested on long tours.", "Packs small, lasts long."),
        ("Weighs less than it looks.", "With reflective details.", "Machine washable.", "Repair kit included."),
    ),
    ProductRange(
        "Clothing",
        (
            ("T-Shirt", 9, 45), ("Hoodie", 25, 99), ("Jeans", 39, 149), ("Rain Jacket", 49, 249), ("Wool Socks", 5, 25),
            ("Scarf", 12, 69), ("Leather Belt", 15, 79), ("Linen Shirt", 29, 109), ("Winter Gloves", 12, 69),
            ("Beanie", 9, 39),
        ),
        ("Soft, breathable and fair.", "Cut for comfort.", "Wears better with every wash."),
        ("Organic cotton.", "Wash at 30 degrees.", "Sizes S to XXL.", "Sewn in Portugal."),
    ),
    ProductRange(
        "Beauty",
        (
            ("Hand Cream", 4, 25), ("Shampoo Bar", 5, 19), ("Face Serum", 12, 79), ("Lip Balm", 3, 12),
            ("Bath Salt", 5, 29), ("Body Lotion", 6, 35), ("Sun Cream SPF 50", 8, 39), ("Hair Brush", 7, 45),
            ("Shaving Set", 19, 119), ("Soap Dish", 5, 29),
        ),
        ("Gentle to the skin.", "A small luxury for every day.", "Smells of citrus and cedar."),
        ("Without microplastics.", "Vegan.", "Dermatologically tested.", "Refill available."),
        (
            "Lavender", "Rose", "Citrus", "Cedar", "Unscented", "Aloe", "Almond", "Green Tea", "Coconut", "Chamomile",
        ),
    ),
    ProductRange(
        "Grocery",
        (
            ("Olive Oil 500 ml", 6, 29), ("Espresso Beans 1 kg", 12, 39), ("Green Tea", 4, 25), ("Honey 500 g", 5, 19),
            ("Dark Chocolate", 2, 9), ("Basmati Rice 1 kg", 3, 9), ("Sea Salt", 2, 9), ("Granola", 4, 12),
            ("Tomato Passata", 2, 6), ("Pasta 500 g", 2, 6),
        ),
        ("From small producers.", "Full of flavour.", "A staple for the pantry."),
        ("Organic.", "Store in a cool, dry place.", "Harvested by hand.", "Fairly traded."),
        (
            "Organic", "Fair Trade", "Family Pack", "Gift Box", "Small Batch", "Twin Pack", "Reserve",
            "Classic Recipe", "Pantry Size", "First Harvest",
        ),
    ),
    ProductRange(
        "Garden",
        (
            ("Watering Can", 9, 59), ("Pruning Shears", 12, 79), ("Plant Pot 30 cm", 7, 49), ("Garden Hose 20 m", 19, 89),
            ("Bird Feeder", 9, 49), ("Hand Trowel", 5, 29), ("Raised Bed", 39, 199), ("Solar Lantern", 9, 59),
            ("Compost Bin", 29, 149), ("Folding Chair", 19, 119),
        ),
        ("For gardens, terraces and balconies.", "Stands up to frost and sun.", "Sturdy and simple."),
        ("Galvanised steel.", "FSC-certified wood.", "With mounting kit.", "Ergonomic handle."),
    ),
    ProductRange(
        "Office",
        (
            ("Desk Lamp", 19, 149), ("Fountain Pen", 12, 179), ("Desk Organiser", 9, 59), ("Office Chair", 99, 699),
            ("Whiteboard", 19, 149), ("Paper Shredder", 35, 229), ("Stapler", 5, 29), ("Document Tray", 7, 35),
            ("Standing Desk", 199, 899), ("Wall Calendar", 7, 25),
        ),
        ("Keeps the desk clear and the head, too.", "Made for long working days.", "Quiet and reliable."),
        ("Assembled in minutes.", "Height adjustable.", "Refills available.", "Five-year guarantee."),
    ),
    ProductRange(
        "Pets",
        (
            ("Dog Leash", 7, 49), ("Cat Tree", 29, 199), ("Feeding Bowl", 5, 35), ("Dog Bed", 19, 149),
            ("Scratching Post", 12, 79), ("Bird Cage", 39, 199), ("Aquarium 60 l", 59, 249), ("Chew Toy", 3, 19),
            ("Pet Carrier", 19, 119), ("Grooming Brush", 6, 35),
        ),
        ("Loved by four-legged testers.", "Robust and easy to clean.", "Comfort for small friends."),
        ("Washable cover.", "Free of harmful substances.", "For animals up to 12 kg.", "Non-slip."),
    ),
    ProductRange(
        "Tools",
        (
            ("Cordless Drill", 49, 299), ("Screwdriver Set", 12, 89), ("Spirit Level", 9, 59), ("Hammer", 9, 49),
            ("Tape Measure 5 m", 5, 25), ("Tool Box", 19, 129), ("Jigsaw", 49, 229), ("Socket Wrench Set", 29, 189),
            ("Work Gloves", 5, 29), ("LED Headlamp", 12, 79),
        ),
        ("For workshop and building site.", "Precise, strong, dependable.", "The one you will reach for first."),
        ("In a case.", "Hardened steel.", "With two batteries.", "Made to be repaired."),
    ),
)  # fmt: skip

CITIES = (
    ("Amsterdam", "Prinsengracht 12"), ("Barcelona", "Carrer de Mallorca 88"), ("Copenhagen", "Vesterbrogade 41"),
    ("Dublin", "Camden Street 7"), ("Edinburgh", "Leith Walk 120"), ("Florence", "Via dei Servi 19"),
    ("Gothenburg", "Linnegatan 30"), ("Hamburg", "Lange Reihe 55"), ("Innsbruck", "Museumstrasse 9"),
    ("Krakow", "Dietla 64"), ("Lisbon", "Rua da Prata 101"), ("Munich", "Fraunhoferstrasse 23"),
    ("Nantes", "Rue de Strasbourg 15"), ("Oslo", "Thorvald Meyers gate 48"), ("Porto", "Rua do Almada 210"),
    ("Rotterdam", "Witte de Withstraat 33"), ("Salzburg", "Linzer Gasse 27"), ("Turin", "Via Po 40"),
    ("Utrecht", "Oudegracht 158"), ("Vienna", "Neubaugasse 62"),
)  # fmt: skip
